using System.Text.Json;

namespace Containerize.Testing.Validation.Documents;

/// <summary>A platform, of a descriptor in an index or of a config (image-spec, image-index.md and config.md).</summary>
internal sealed record PlatformDocument(string Os, string Architecture, string? Variant, string? OsVersion)
{
    // image-spec refers to Go's names; these are what people write instead.
    private static readonly HashSet<string> WrongNames = new(StringComparer.Ordinal)
    {
        "x64", "x86_64", "x86-64", "x86", "i386", "aarch64", "arm32", "win", "osx", "",
    };

    /// <summary>What an attestation carries instead of a platform.</summary>
    public bool IsUnknown => Os == "unknown" && Architecture == "unknown";

    public static PlatformDocument? Read(JsonElement element, ProblemList problems)
    {
        var os = element.Text("os", problems, required: true);
        var architecture = element.Text("architecture", problems, required: true);
        foreach (var name in new[] { os, architecture })
        {
            if (name is not null && (WrongNames.Contains(name) || name.Any(char.IsAsciiLetterUpper)))
                problems.Add($"'{name}' is not a name of GOOS or GOARCH.");
        }
        return os is null || architecture is null
            ? null
            : new PlatformDocument(os, architecture, element.Text("variant", problems), element.Text("os.version", problems));
    }

    /// <summary>Whether both name the same machine. arm64 is v8 and arm is v7 where nothing is said, as containerd has it.</summary>
    public bool Matches(PlatformDocument other) =>
        Os == other.Os && Architecture == other.Architecture && EffectiveVariant == other.EffectiveVariant && OsVersion == other.OsVersion;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Join('/', new[] { Os, Architecture, EffectiveVariant, OsVersion }.Where(part => part is not null));

    private string? EffectiveVariant => Variant ?? Architecture switch
    {
        "arm64" => "v8",
        "arm" => "v7",
        _ => null,
    };
}

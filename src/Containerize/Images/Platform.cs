using System.Text.Json;

namespace Containerize.Images;

/// <summary>What an image runs on, in Go's names (image-spec, image-index.md, "platform").</summary>
/// <param name="Os">For example <c>linux</c>.</param>
/// <param name="Architecture">For example <c>amd64</c>, <c>arm64</c>.</param>
/// <param name="Variant">For example <c>v7</c>; null where the architecture has none.</param>
internal sealed record Platform(string Os, string Architecture, string? Variant = null)
{
    /// <summary>
    /// The platform of a .NET runtime identifier such as <c>linux-x64</c> or <c>linux-musl-arm64</c>;
    /// null where images of that kind cannot be built.
    /// </summary>
    public static Platform? FromRuntimeIdentifier(string runtimeIdentifier)
    {
        var parts = runtimeIdentifier.Split('-');
        if (parts.Length < 2 || !IsLinux(parts[0]) || parts.Contains("bionic")) // Bionic is Android's C library.
            return null;
        return parts[^1] switch
        {
            "x64" => new Platform("linux", "amd64"),
            "x86" => new Platform("linux", "386"),
            "arm64" => new Platform("linux", "arm64", "v8"),
            "arm" => new Platform("linux", "arm", "v7"),
            "armv6" => new Platform("linux", "arm", "v6"),
            "s390x" => new Platform("linux", "s390x"),
            "ppc64le" => new Platform("linux", "ppc64le"),
            "riscv64" => new Platform("linux", "riscv64"),
            "loongarch64" => new Platform("linux", "loong64"),
            _ => null,
        };
    }

    /// <summary>
    /// Whether something made for <paramref name="offered"/> runs here. A missing variant of arm64 is v8
    /// (containerd's and Docker's normalisation); of two given variants both must agree.
    /// </summary>
    public bool Accepts(Platform offered) =>
        Os == offered.Os
        && Architecture == offered.Architecture
        && (Variant is null || offered.Variant is null || Variant == offered.Variant);

    /// <summary>The way Docker writes it: <c>linux/arm/v7</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    internal static Platform? Read(JsonElement element)
    {
        var os = element.OptionalString("os");
        var architecture = element.OptionalString("architecture");
        return os is null || architecture is null
            ? null
            : new Platform(os, architecture, element.OptionalString("variant") is { Length: > 0 } variant ? variant : null);
    }

    private static readonly string[] OtherSystems =
    [
        "win", "osx", "mac", "ios", "tvos", "android", "browser", "wasi", "freebsd", "netbsd", "openbsd", "haiku",
        "solaris", "illumos", "omnios", "openindiana", "smartos", "unix", "any",
    ];

    // "linux" itself, and the distributions' identifiers that .NET 7 and older used (alpine-x64, debian.12-x64).
    private static bool IsLinux(string first) => !OtherSystems.Any(system => first.StartsWith(system, StringComparison.Ordinal));
}

using System.Text.RegularExpressions;
using Tomlyn;
using Tomlyn.Model;

namespace Containerize.Registries.Configuration;

/// <summary>Reads registries.conf, podman's and CRI-O's list of registries (containers-registries.conf(5), version 2).</summary>
internal static partial class RegistriesFile
{
    /// <summary>The entries of one file.</summary>
    /// <exception cref="FormatException">It is no TOML, or of the form of before 2019.</exception>
    public static IReadOnlyList<RegistryEntry> Parse(string text)
    {
        // As distributions install it, it is all comments, or lists short names: then the 40 ms are saved that reading TOML takes first.
        if (!Entries().IsMatch(text))
            return [];
        TomlTable root;
        try
        {
            root = TomlSerializer.Deserialize<TomlTable>(text) ?? [];
        }
        // The latter for halves of surrogate pairs.
        catch (Exception e) when (e is TomlException or ArgumentOutOfRangeException)
        {
            throw new FormatException("it is no TOML: " + e.Message.ReplaceLineEndings(" "), e);
        }

        return [.. Tables(root, "registry").Select(Entry).OfType<RegistryEntry>()];
    }

    [GeneratedRegex(@"^\s*(\[\[\s*[""']?registry|[""']?registry[""']?\s*=)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Entries();

    private static RegistryEntry? Entry(TomlTable table)
    {
        var location = Text(table, "location");
        // Without a prefix, the location is what names begin with.
        if ((Text(table, "prefix") ?? location) is not { Length: > 0 } prefix)
            return null;
        var byDigestOnly = Switch(table, "mirror-by-digest-only");
        var mirrors = Tables(table, "mirror")
            .Where(mirror => Text(mirror, "location") is { Length: > 0 })
            .Select(mirror => new MirrorEntry(
                Text(mirror, "location")!.TrimEnd('/'),
                Switch(mirror, "insecure"),
                !byDigestOnly && Text(mirror, "pull-from-mirror") != "digest-only",
                Text(mirror, "pull-from-mirror") != "tag-only"));
        return new RegistryEntry(
            new NamePrefix(prefix.TrimEnd('/')), location?.TrimEnd('/'), Switch(table, "insecure"), Switch(table, "blocked"), [.. mirrors]);
    }

    private static List<TomlTable> Tables(TomlTable table, string name) => table.TryGetValue(name, out var value) ? value switch
    {
        TomlTableArray tables => [.. tables],
        TomlArray array => [.. array.OfType<TomlTable>()],
        _ => [],
    } : [];

    private static string? Text(TomlTable table, string name) => table.TryGetValue(name, out var value) ? value as string : null;

    private static bool Switch(TomlTable table, string name) => table.TryGetValue(name, out var value) && value is true;
}

using System.Text;
using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.Tests.Architecture;

/// <summary>
/// docs/design/sdk-names.md against <c>sdk/</c> and the SDK at hand: a canary for names that the SDK may change without a word.
/// </summary>
public sealed partial class SdkNamesTests
{
    // Made in a package that a native publish alone restores: not looked up here.
    private const string Package = "package ";

    [Fact]
    public void The_list_has_all_names_that_are_used()
    {
        var used = Directory.EnumerateFiles(Repository.PathOf("sdk"), "*", SearchOption.AllDirectories)
            .SelectMany(file => PrivateName().Matches(File.ReadAllText(file)).Select(match => match.Value))
            .Where(name => !name.StartsWith("_Containerize", StringComparison.Ordinal))
            .Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(used, Rows().Select(row => row.Name));
    }

    [Fact]
    public void Each_of_them_is_made_where_the_list_says()
    {
        var files = Directory.EnumerateFiles(DotnetSdk.Current.Directory, "*", SearchOption.AllDirectories)
            .ToLookup(file => Path.GetFileName(file));
        var missing = Rows()
            .Where(
                row => !row.Where.StartsWith(Package, StringComparison.Ordinal)
                    && !files[row.Where].Any(file => Makes(file, row.Name, row.Kind)));
        Assert.Empty(missing);
        Assert.Equal(
            ["_ManagedResolvedAssembliesToPublish"],
            Rows().Where(row => row.Where.StartsWith(Package, StringComparison.Ordinal)).Select(row => row.Name));
    }

    private static bool Makes(string file, string name, string kind)
    {
        if (file.EndsWith(".dll", StringComparison.Ordinal))
            return File.ReadAllBytes(file).AsSpan().IndexOf(Encoding.Unicode.GetBytes(name)) >= 0;
        var text = File.ReadAllText(file);
        return kind switch
        {
            "target" => text.Contains($"<Target Name=\"{name}\"", StringComparison.Ordinal),
            "property" => Regex.IsMatch(text, $@"<{name}[ >]|PropertyName=""{name}""") || text.Contains($"$({name})", StringComparison.Ordinal),
            _ => Regex.IsMatch(text, $@"<{name}[ >]|ItemName=""{name}"""),
        };
    }

    private static IEnumerable<(string Name, string Kind, string Where)> Rows() =>
        File.ReadLines(Repository.PathOf("docs", "design", "sdk-names.md"))
        .Where(line => line.StartsWith("| `_", StringComparison.Ordinal))
        .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
        .Select(cells => (cells[1].Trim('`'), cells[2], cells[3]));

    [GeneratedRegex(@"\b_[A-Za-z][A-Za-z0-9]*")]
    private static partial Regex PrivateName();
}

using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.Tests.Architecture;

/// <summary>docs/properties.md against what MSBuild evaluates: neither knows a name that the other does not.</summary>
public sealed partial class PropertiesPageTests
{
    // Names that only the targets themselves use, or that are the outputs of one and the inputs of the next.
    private static readonly string[] Internal = ["ContainerizeTargetsImported", "ContainerizePropsImported"];

    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs", "properties.md"));

    [Fact]
    public void Every_name_that_the_targets_read_or_set_is_on_the_page()
    {
        var read = TargetFiles().SelectMany(text => Name().Matches(text).Select(match => match.Groups["name"].Value))
            .Concat(TargetFiles().SelectMany(text => Set().Matches(text).Select(match => match.Groups["name"].Value)))
            .Where(IsOurs)
            .Distinct()
            .ToList();
        Assert.True(read.Count > 80, "The names were not found.");
        var unknown = read.Where(
            name => !Page.Contains($"`{name}`", StringComparison.Ordinal)
                && !Page.Contains($"`@({name})`", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_name_on_the_page_is_one_that_the_targets_know()
    {
        var text = string.Concat(TargetFiles());
        var unknown = Rows().Select(row => row[0].Trim('`', '@', '(', ')')).Where(IsOurs)
            .Where(name => !Regex.IsMatch(text, $@"\b{name}\b")).ToList();
        Assert.Empty(unknown);
    }

    [Fact]
    public void Every_setting_has_a_default_an_example_a_version_and_its_counterpart()
    {
        var rows = Rows().ToList();
        Assert.True(rows.Count > 50, "The tables were not found.");
        foreach (var row in rows)
        {
            Assert.True(row.Count == 6 && row.All(cell => cell.Length > 0), string.Join(" | ", row));
            var name = row[0].Trim('`');
            Assert.Matches("^`[^`]+`$", row[2]);
            Assert.Matches(@"^[0-9]+\.[0-9]+\.[0-9]+$", row[4]);
            // An item's example is the item.
            if (name.StartsWith("@(", StringComparison.Ordinal))
                Assert.StartsWith($"`<{name[2..^1]} Include=", row[2], StringComparison.Ordinal);
        }
    }

    // The rows of tables with settings: those whose header names an example.
    private static IEnumerable<IReadOnlyList<string>> Rows()
    {
        var isSettings = false;
        foreach (var line in Page.Split('\n'))
        {
            if (!line.StartsWith('|'))
                isSettings = false;
            else if (line.Contains("| Example |", StringComparison.Ordinal))
                isSettings = true;
            else if (isSettings && !line.StartsWith("|---", StringComparison.Ordinal))
                yield return [.. line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)];
        }
    }

    private static IEnumerable<string> TargetFiles() =>
        Directory.EnumerateFiles(Repository.PathOf("sdk"), "*", SearchOption.AllDirectories)
            .Select(file => Comment().Replace(File.ReadAllText(file), ""));

    private static bool IsOurs(string name) =>
        (name.StartsWith("Container", StringComparison.Ordinal) || name.StartsWith("GeneratedContainer", StringComparison.Ordinal)
            || name is "LocalRegistry" or "RegistryUrl" or "PublishImageTag" or "AutoGenerateImageTag" or "GeneratedImageIndex" or "GeneratedArchiveOutputPath" or "SOURCE_DATE_EPOCH")
        && !Internal.Contains(name);

    [GeneratedRegex(@"[$@%]\((?<name>[A-Za-z]\w*)")]
    private static partial Regex Name();

    [GeneratedRegex("<(?<name>[A-Z]\\w+) (?:Condition|Include)=|(?:PropertyName|ItemName)=[\"](?<name>\\w+)[\"]")]
    private static partial Regex Set();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();
}

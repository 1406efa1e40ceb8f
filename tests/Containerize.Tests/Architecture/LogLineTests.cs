using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Containerize.Testing;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Architecture;

/// <summary>The gate between messages and the log, and that no message goes round it.</summary>
public sealed partial class LogLineTests
{
    // What terminals, build agents and bidirectional text turn on.
    private const string Acting = "#:[]\u001b\u009b\r\n\t\0\u2028\u2029\u202e\u2066\u200b\ufeff\ud800\udc00 ";

    [Fact]
    public void Whatever_is_quoted_stays_one_line_of_text() =>
        Property.Holds(Anything.Text(Acting, 200), text =>
        {
            var line = LogLine.Of(text);

            Assert.DoesNotContain(line.EnumerateRunes(), rune => Rune.GetUnicodeCategory(
                rune) is UnicodeCategory.Control or UnicodeCategory.Format
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
            Assert.Equal(line, string.Concat(line.EnumerateRunes().Select(rune => rune.ToString())));
            Assert.DoesNotContain("##", line, StringComparison.Ordinal);
            Assert.False(line.TrimStart().StartsWith("::", StringComparison.Ordinal), line);
            Assert.Equal(line, LogLine.Of(line));
        });

    [Fact]
    public void Nothing_but_what_acts_is_changed() =>
        Property.Holds(Anything.Text("aä漢😀 '\"\\/.-_#:", 200), text =>
        {
            var harmless = Controls().Replace(text, "");
            while (harmless.Contains("##", StringComparison.Ordinal))
                harmless = harmless.Replace("##", "#", StringComparison.Ordinal);
            harmless = Beginning().Replace(harmless, "");

            Assert.Equal(harmless, LogLine.Of(harmless));
        });

    [Theory]
    [InlineData("a\nb", @"a\u000Ab")]
    [InlineData("\u001b[2J", @"\u001B[2J")]
    [InlineData("x\u202egnp.exe", @"x\u202Egnp.exe")]
    [InlineData("\U000e0041", @"\U000E0041")]
    [InlineData("##vso[task.complete]", "# #vso[task.complete]")]
    [InlineData("x ###[group]", "x # # #[group]")]
    [InlineData("  ::set-output name=a::b", "  : :set-output name=a::b")]
    [InlineData("[::1]:5000", "[::1]:5000")]
    [InlineData("Grüße, 漢字 😀", "Grüße, 漢字 😀")]
    public void A_line(string text, string expected) => Assert.Equal(expected, LogLine.Of(text));

    // Not in an attribute, whose text is UTF-8.
    [Fact]
    public void Half_a_surrogate_pair_is_no_text() => Assert.Equal(@"a\uD800b", LogLine.Of("a\ud800b"));

    [Fact]
    public void It_has_an_end()
    {
        var line = LogLine.Of(new string('\u001b', 10_000_000));
        Assert.InRange(line.Length, LogLine.Limit, LogLine.Limit + 6);
        Assert.EndsWith("…", line, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_of_an_exception_stay_lines_each_of_its_own() =>
        Assert.Equal("a\nb: :c\n: :d\n# #e", LogLine.OfEach("a\r\nb: :c\n::d\n##e", 100));

    [Fact]
    public void No_task_logs_but_through_the_gate()
    {
        var calls = Directory.EnumerateFiles(Repository.PathOf("src", "Containerize.Tasks"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(
                file => Logging().Matches(File.ReadAllText(file)).Select(match => (File: Path.GetFileName(file), Call: match.Value)))
            .ToList();

        Assert.Equal(6, calls.Count);
        Assert.All(calls, call => Assert.Equal("ContainerizeTask.cs", call.File));
        Assert.All(calls, call => Assert.Contains("LogLine.Of", call.Call, StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_in_a_sentence_has_an_end() =>
        Property.Holds(Anything.Text(Acting, 300).Array[0, 40], values =>
        {
            var list = ErrorText.List(values, most: 3, longest: 20);

            Assert.InRange(list.Length, 0, (3 * (20 + 3)) + " and 40 more".Length);
        });

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a b a", "a, b")]
    [InlineData("a b c d", "a, b and 2 more")]
    public void A_list(string values, string expected) =>
        Assert.Equal(expected, ErrorText.List(values.Split(' '), most: 2));

    /// <summary>Everything else that joins values for a sentence joins few: this project's own words, or what one build names.</summary>
    [Fact]
    public void Lists_of_others_are_joined_in_one_place() =>
        Assert.Equivalent(
            new[]
            {
                // Destinations and tags that the project names.
                "ImageNames.cs", "ImagePublisher.cs", "TagGuard.cs",
                // Words of our own.
                "ContainerEngine.cs", "CredentialChain.cs", "DestinationReader.cs", "EngineTarget.cs", "EnumeratedProperty.cs", "LayerOrder.cs",
                // At most five; one for a family of symbols; the first few.
                "SharedLibraryRule.cs", "SymbolVersionRule.cs", "ErrorAnswer.cs",
            },
            Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Where(file => Joining().IsMatch(File.ReadAllText(file)))
                .Select(file => Path.GetFileName(file))
                .ToHashSet(),
            strict: true);

    [GeneratedRegex(@"string\.Join\(""(, |; )""")]
    private static partial Regex Joining();

    // Log.LogX(…), BuildEngine.LogXEvent(…), Console.Write…: the whole statement.
    [GeneratedRegex(@"(\bLog\.Log(?!sMessages)\w+|\.Log\w+Event|\bConsole\.(Error\.|Out\.)?Write\w*)\([^;]*;")]
    private static partial Regex Logging();

    [GeneratedRegex(@"[\p{C}\u2028\u2029]")]
    private static partial Regex Controls();

    // A command of a build agent begins with "::", and with blanks before it, too.
    [GeneratedRegex(@"^[\s:]+")]
    private static partial Regex Beginning();
}

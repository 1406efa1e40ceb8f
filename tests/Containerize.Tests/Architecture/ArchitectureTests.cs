using System.Reflection;
using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.Tests.Architecture;

/// <summary>What the sources promise about themselves.</summary>
public sealed partial class ArchitectureTests
{
    private const int MaximumLines = 400;
    private const int MaximumLinesOfTests = 500;
    private const int MaximumColumns = 140;
    private const int MaximumWords = 200;
    private const int MaximumFiles = 20;

    /// <summary>
    /// Who may know whom, room by room; what is not here is not allowed. A room is a folder with a README that says what belongs there. A
    /// folder inside of a room, without a row of its own, is a part of it; one with a row knows the room around it, and that room must not
    /// know it.
    /// </summary>
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["Images"] = [],
        ["Hosting"] = [],
        ["Caches"] = ["Images", "Hosting"],
        ["Registries"] = ["Images", "Hosting", "Caches"],
        ["Layers"] = ["Images", "Hosting", "Caches"],
        ["Files"] = ["Images", "Hosting", "Caches", "Layers"],
        ["Checks"] = ["Images", "Layers", "Files"],
        ["Planning"] = ["Images", "Hosting", "Layers", "Files", "Checks"],
        ["Planning.Settings"] = ["Planning", "Images", "Hosting", "Layers"],
        ["Planning.Published"] = ["Planning", "Planning.Settings", "Images", "Hosting", "Layers", "Files", "Checks"],
        ["Planning.Needs"] = ["Planning", "Planning.Published", "Images", "Layers", "Checks"],
        ["Stores"] = ["Images", "Hosting", "Caches", "Layers", "Registries", "Files"],
        ["Building"] =
        [
            "Images", "Hosting", "Caches", "Layers", "Files", "Checks", "Planning", "Planning.Settings", "Planning.Published", "Planning.Needs", "Registries", "Stores",
        ],
    };

    private static string Library => Repository.PathOf("src", "Containerize");

    [Fact]
    public void Every_folder_has_its_place_in_the_order_of_things() => Assert.Equal(
        Arrows.Keys.Order(StringComparer.Ordinal),
        Sources(Library).Select(RoomOf).Where(room => room.Length > 0).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_room_says_what_belongs_there() => Assert.All(
        Arrows.Keys, room =>
            Assert.StartsWith("# ", File.ReadAllText(Path.Combine([Library, .. room.Split('.'), "README.md"])), StringComparison.Ordinal));

    [Fact]
    public void Arrows_point_one_way()
    {
        var wrong = new List<string>();
        foreach (var file in Sources(Library))
        {
            var room = RoomOf(file);
            var text = File.ReadAllText(file);
            var known = UsingDirective().Matches(text).Select(match => RoomNamed(match.Groups[1].Value))
                // Planning may say Images.Digest without a using, being inside of Containerize.
                .Concat(
                    QualifiedName().Matches(WithoutCommentsAndStrings(text)).Select(match => match.Groups[1].Value)
                        .Where(Arrows.ContainsKey))
                .Distinct();
            wrong.AddRange(known.Where(
                other => other != room && other.Length > 0 && !(Arrows.TryGetValue(room, out var allowed) && allowed.Contains(other)))
                .Select(other => $"{room} → {other} in {Path.GetFileName(file)}"));
        }

        Assert.Equal("", string.Join('\n', wrong));
    }

    [Fact]
    public void No_folder_has_more_files_than_a_reader_looks_through() => Assert.Empty(
        Sources(Library).GroupBy(file => Path.GetRelativePath(Library, Path.GetDirectoryName(file)!))
            .Where(folder => folder.Count() > MaximumFiles).Select(folder => $"{folder.Key}: {folder.Count()}"));

    [Fact]
    public void The_order_of_things_has_no_circle()
    {
        bool Reaches(string from, string to, int depth) =>
            depth > Arrows.Count || Arrows[from].Any(next => next == to || Reaches(next, to, depth + 1));
        Assert.DoesNotContain(Arrows.Keys, folder => Reaches(folder, folder, 0));
    }

    [Fact]
    public void Namespaces_are_folders()
    {
        foreach (var file in Sources(Library))
        {
            var relative = Path.GetRelativePath(Library, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.');
            var expected = relative == "." ? "Containerize" : "Containerize." + relative;
            Assert.Contains($"namespace {expected};", File.ReadAllText(file), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_library_knows_nothing_of_MSBuild()
    {
        var mentions = Directory.EnumerateFiles(Library, "*", SearchOption.AllDirectories)
            .Where(file => !IsOutput(file) && Path.GetExtension(file) is ".cs" or ".csproj")
            .Where(file => !IsOutput(file) && File.ReadAllText(file).Contains("Microsoft.Build", StringComparison.Ordinal));
        Assert.Empty(mentions.Select(file => Path.GetRelativePath(Library, file)));
        Assert.DoesNotContain(
            typeof(ErrorCodes).Assembly.GetReferencedAssemblies(),
            reference => reference.Name!.StartsWith("Microsoft.Build", StringComparison.Ordinal));
    }

    // What is checked is what is connected to only as long as one type says what a host is. These are the names under which RegistryHost,
    // which holds it in its canonical form, may be asked; whatever else has a Host or an Authority is a Uri.
    [Fact]
    public void Hosts_are_compared_in_their_canonical_form_alone()
    {
        string[] registries = ["host", "call", "Call", "context", "query", "Host", "DnsEndPoint"];
        Assert.All(
            ["target.Host", "request.RequestUri!.Authority", "new Uri(text).Host", "$\"{realm.Authority}\""],
            text => Assert.NotEmpty(Wrong(text)));
        Assert.Empty(Wrong("call.Host.Authority"));
        var wrong = new List<string>();
        foreach (var file in Sources(Path.Combine(Library, "Registries")).Where(file => Path.GetFileName(file) is not ("CanonicalHost.cs" or "HostNetworks.cs")))
            wrong.AddRange(Wrong(WithoutComments(File.ReadAllText(file))).Select(found => $"{found} in {Path.GetFileName(file)}"));
        Assert.Empty(wrong);

        IEnumerable<string> Wrong(string text) => HostOfUri().Matches(text)
            .Where(match => !registries.Contains(match.Groups["of"].Value)).Select(match => match.Groups["of"].Value + match.Value);
    }

    [Fact]
    public void Folders_and_files_are_made_in_two_places_so_that_none_is_writable_by_everybody() => Assert.Equal(
        // The last one makes folders in the user's publish folder, as the SDK makes them.
        ["AtomicFile.cs", "Folders.cs", "UpdatePublishFolder.cs"],
        Sources(Repository.PathOf("src")).Where(file => Making().IsMatch(WithoutCommentsAndStrings(File.ReadAllText(file))))
            .Select(Path.GetFileName).Order(StringComparer.Ordinal));

    [Fact]
    public void No_source_is_longer_than_a_reader_can_keep_in_mind()
    {
        var long_ = new[] { ("src", MaximumLines), ("tests", MaximumLinesOfTests) }
            .SelectMany(folder => Sources(Repository.PathOf(folder.Item1)).Select(file => (File: file, Maximum: folder.Item2)))
            .Select(file => (File: Path.GetRelativePath(Repository.Root, file.File), Lines: File.ReadLines(file.File).Count(), file.Maximum))
            .Where(file => file.Lines > file.Maximum);
        Assert.Empty(long_);
    }

    [Fact]
    public void No_line_is_wider_than_a_review_shows() => Assert.Empty(
        Sources(Repository.PathOf("src"))
            .SelectMany(file => File.ReadLines(file).Select((line, i) => (Line: line, Place: $"{Path.GetFileName(file)}:{i + 1}")))
            .Where(line => line.Line.Length > MaximumColumns)
            .Select(line => line.Place));

    /// <summary>The actor is named in code and comments: the registry, the build, another process.</summary>
    [Fact]
    public void Comments_and_messages_name_who_acts()
    {
        Assert.Matches(Nameless(), "// Where nobody listens");
        Assert.Empty(
            Sources(Repository.PathOf("src"))
                .SelectMany(file => File.ReadLines(file).Select((line, i) => (Line: line, Place: $"{Path.GetFileName(file)}:{i + 1}")))
                .Where(line => Nameless().IsMatch(line.Line) && !line.Line.Contains("the user nobody", StringComparison.Ordinal))
                .Select(line => line.Place));
    }

    /// <summary>What, where, what next: the rest is on the error's page. Quoted values do not count.</summary>
    [Fact]
    public void Messages_have_few_words_of_our_own()
    {
        var longest = new string('x', MaximumWords + 1);
        Assert.Equal(MaximumWords + 1, Words($"\"{longest[..100]}\"\n    + $\"{longest[100..]}{{name}}\""));
        Assert.Single(Literal().Matches($"throw new E(\n    $\"{longest[..50]} {{name}}\"\n        + \"{longest}\");"));
        Assert.Empty(
            Sources(Repository.PathOf("src"))
                .SelectMany(file => Literal().Matches(File.ReadAllText(file)).Select(match => (File: Path.GetFileName(file), match.Value)))
                .Where(literal => Words(literal.Value) > MaximumWords)
                .Select(literal => $"{literal.File}: {literal.Value}"));

        static int Words(string literal) => Joint().Replace(Hole().Replace(literal, ""), "").Trim('$', '"').Length;
    }

    [Fact]
    public void Every_code_is_used_once_and_of_its_family()
    {
        var codes = Codes();
        Assert.Equal(codes.Count, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Matches("^CTZ[1234569][0-9]{3}$", code));
        Assert.True(codes.Count > 30, "The codes were not found.");
    }

    [Fact]
    public void Every_code_has_its_page_and_every_page_its_code()
    {
        var pages = Directory.EnumerateFiles(Repository.PathOf("docs", "errors"), "CTZ*.md").Select(Path.GetFileNameWithoutExtension);
        Assert.Equal(Codes().Order(StringComparer.Ordinal), pages.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_table_of_codes_says_what_their_pages_say()
    {
        var rows = File.ReadLines(Repository.PathOf("docs", "errors", "README.md"))
            .Where(line => line.StartsWith("| [CTZ", StringComparison.Ordinal))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries)).ToDictionary(cells => cells[1][1..8]);
        Assert.Equal(Codes().Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach (var (code, cells) in rows)
        {
            var page = File.ReadAllText(Repository.PathOf("docs", "errors", code + ".md"));
            Assert.StartsWith($"# {code}: {cells[2]}\n", page, StringComparison.Ordinal);
            Assert.Contains(
                cells[3] switch
                {
                    "warning" => "**Warning.**",
                    "warning, or error" => "**Warning**, or an error with `ContainerChecks=Error`.",
                    _ => "**Error.**",
                },
                page,
                StringComparison.Ordinal);
            Assert.Equal(SdkCodes(cells[4]), SdkCodes(page[page.IndexOf("## In the SDK's containers", StringComparison.Ordinal)..]));
        }

        static IEnumerable<string> SdkCodes(string text) =>
            SdkCode().Matches(text).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Every_code_that_is_declared_can_happen()
    {
        var text = string.Concat(
            Sources(Repository.PathOf("src")).Where(file => Path.GetFileName(file) != "ErrorCodes.cs").Select(File.ReadAllText))
            + string.Concat(Directory.EnumerateFiles(Repository.PathOf("sdk"), "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        var unused = typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => !text.Contains("ErrorCodes." + field.Name, StringComparison.Ordinal)
                && !text.Contains((string)field.GetRawConstantValue()!, StringComparison.Ordinal))
            .Select(field => field.Name);
        Assert.Empty(unused);
    }

    private static List<string> Codes() =>
        [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => (string)field.GetRawConstantValue()!)];

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(file => !IsOutput(file));

    private static bool IsOutput(string file) =>
        Path.GetRelativePath(Repository.Root, file).Split(Path.DirectorySeparatorChar) is var parts
            && (parts.Contains("obj") || parts.Contains("bin"));

    private static string RoomOf(string file) =>
        RoomNamed(Path.GetRelativePath(Library, Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.'));

    // The innermost room of a folder or namespace; of a folder that is in none, its own name.
    private static string RoomNamed(string folder) =>
        Arrows.Keys.Where(room => folder == room || folder.StartsWith(room + '.', StringComparison.Ordinal)).MaxBy(room => room.Length)
        ?? (folder == "." ? "" : folder);

    private static string WithoutComments(string text) => Comment().Replace(text, " ");

    private static string WithoutCommentsAndStrings(string text) => CommentOrString().Replace(text, " ");

    [GeneratedRegex(@"^using (?:static )?Containerize\.([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex UsingDirective();

    [GeneratedRegex(@"(?<![\w.])(?:Containerize\.)?([A-Z]\w+)\.[A-Z]")]
    private static partial Regex QualifiedName();

    // Strings are looked at, too: what stands in braces there is code.
    [GeneratedRegex(
        @"(?<=(?<of>\w+)?[!?)]*)\.(?:Host|Authority)\b|\.(?:IdnHost|DnsSafeHost|HostNameType|IsLoopback\(|GetComponents)\b|UriPartial\.Authority|UriComponents|IdnMapping|Uri\.(?:Compare|CheckHostName)|IPAddress\.(?:Try)?Parse|IPEndPoint")]
    private static partial Regex HostOfUri();

    // One literal, or several with a + between them.
    [GeneratedRegex("""(?:\$?"(?:[^"\\\n{]|\\.|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*")(?:\s*\+\s*\$?"(?:[^"\\\n{]|\\.|\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\})*")*""")]
    private static partial Regex Literal();

    [GeneratedRegex(@"\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}")]
    private static partial Regex Hole();

    [GeneratedRegex("""
        "\s*\+\s*\$?"
        """)]
    private static partial Regex Joint();

    [GeneratedRegex(@"\b(nobody|somebody|anybody|whoever|whomever|shall|heeds?)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Nameless();

    [GeneratedRegex("(?m)//[^\n]*$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"Directory\.Create|FileMode\.(Create|OpenOrCreate|Append)|File\.(Create|Append|WriteAll|OpenWrite)")]
    private static partial Regex Making();

    [GeneratedRegex("CONTAINERS?[0-9]+")]
    private static partial Regex SdkCode();

    [GeneratedRegex("//[^\n]*|\"(?:[^\"\\\\\n]|\\\\.)*\"")]
    private static partial Regex CommentOrString();
}

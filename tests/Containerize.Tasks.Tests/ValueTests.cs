using Microsoft.Build.Evaluation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Values arrive in the config as they were written, whatever MSBuild, JSON or a shell would make of their characters.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ValueTests(PackageFixture fixture)
{
    private static readonly string[] Values =
    [
        "plain", "a;b;c", "100% %41 %3B", "\"double\" 'single' `back`", "two\nlines\r\n\ttab", "Grüße 世界 🐳", "key=value:with=more", "https://host:8080/path?a=1&b=2#c",
        "$(NotAProperty) @(NotAnItem)", "C:\\temp\\x", "<xml attr=\"&amp;\"/>", " spaces around ", "", "*.?",
    ];

    // MSBuild itself trims what an item includes, and takes its back-slashes for a path's.
    private static IEnumerable<string> Arguments =>
        Values.Where(value => value.Length > 0 && value == value.Trim() && !value.Contains('\\', StringComparison.Ordinal));

    [Fact]
    public async Task Labels_variables_and_arguments()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project =>
        {
            for (var i = 0; i < Values.Length; i++)
            {
                project.ItemInclude("ContainerLabel", $"org.acme.n{i}", metadata: Value(Values[i]));
                project.ItemInclude("ContainerEnvironmentVariable", $"N{i}", metadata: Value(Values[i]));
                if (Arguments.Contains(Values[i]))
                    project.ItemInclude("ContainerDefaultArgs", ProjectCollection.Escape(Values[i]));
            }
        });

        var outcome = Workspace.Publish(project, ("ContainerTitle", "a;b %41 \"ü\"")).EnsureSuccess();

        var config = workspace.Config().GetProperty("config");
        var labels = config.GetProperty("Labels");
        var environment = config.GetProperty("Env").EnumerateArray().Select(variable => variable.GetString()).ToList();
        for (var i = 0; i < Values.Length; i++)
        {
            Assert.Equal(Values[i], labels.GetProperty($"org.acme.n{i}").GetString());
            Assert.Contains($"N{i}={Values[i]}", environment);
        }

        Assert.Equal(Arguments, config.GetProperty("Cmd").EnumerateArray().Select(argument => argument.GetString()));
        Assert.Equal(
            System.Text.Encoding.UTF8.GetString(workspace.Registry.FindBlob("app", outcome["GeneratedContainerImageId"])!),
            outcome["GeneratedContainerConfiguration"]);
    }

    [Fact]
    public void Properties_become_labels_as_they_are()
    {
        var labels = fixture.Configure(
            ("ContainerDescription", "a;b; \"c\" 'd' ü"),
            ("ContainerVendor", "50% off"),
            ("ContainerAuthors", "Ada;Bob")).EnsureSuccess().Labels;

        Assert.Equal("a;b; \"c\" 'd' ü", labels["org.opencontainers.image.description"]);
        Assert.Equal("50% off", labels["org.opencontainers.image.vendor"]);
        Assert.Equal("Ada;Bob", labels["org.opencontainers.image.authors"]);
    }

    [Fact]
    public void A_number_in_the_users_culture_is_written_the_same()
    {
        var before = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new System.Globalization.CultureInfo("");
            var first = fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), ("SOURCE_DATE_EPOCH", "1700000000")).EnsureSuccess();
            var invariant = Plans.Read(Path.GetDirectoryName(fixture.Console.FullPath)!)["created"]!.ToString();
            System.Globalization.CultureInfo.CurrentCulture = new ArabicDigits();
            var second = fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), ("SOURCE_DATE_EPOCH", "1700000000")).EnsureSuccess();
            Assert.Equal(invariant, Plans.Read(Path.GetDirectoryName(fixture.Console.FullPath)!)["created"]!.ToString());
            Assert.Equal(first.Tags, second.Tags);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = before;
        }
    }

    private static Dictionary<string, string?> Value(string value) => new() { ["Value"] = ProjectCollection.Escape(value) };

    // A culture that writes dates with another separator, without needing ICU.
    private sealed class ArabicDigits : System.Globalization.CultureInfo
    {
        public ArabicDigits()
            : base("")
        {
            DateTimeFormat = new System.Globalization.DateTimeFormatInfo { TimeSeparator = "#", DateSeparator = "%" };
            NumberFormat = new System.Globalization.NumberFormatInfo { NegativeSign = "~", NumberDecimalSeparator = "," };
        }
    }
}

using Microsoft.Build.Execution;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>What a build came to.</summary>
/// <param name="Succeeded">Whether it succeeded.</param>
/// <param name="Output">What was logged.</param>
/// <param name="Targets">What the targets returned.</param>
public sealed record Outcome(bool Succeeded, BuildOutput Output, IDictionary<string, TargetResult>? Targets)
{
    /// <summary>The targets of a workspace's projects that return what a build has made.</summary>
    public static string[] Inspections { get; } =
        ["InspectProperties", "InspectLabels", "InspectTags", "InspectGeneratedContainer", "InspectGeneratedContainerName", "InspectCommand"];

    /// <summary>The errors.</summary>
    public IReadOnlyCollection<BuildErrorEventArgs> Errors => Output.ErrorEvents;

    /// <summary>The warnings.</summary>
    public IReadOnlyCollection<BuildWarningEventArgs> Warnings => Output.WarningEvents;

    /// <summary>The labels, generated and given.</summary>
    public IReadOnlyDictionary<string, string> Labels =>
        Items("InspectLabels").ToDictionary(item => item.ItemSpec, item => item.GetMetadata("Value"));

    /// <summary>The tags.</summary>
    public IReadOnlyList<string> Tags => [.. Items("InspectTags").Select(item => item.ItemSpec)];

    /// <summary>A property's value at the end of the build.</summary>
    public string this[string property] => Items("InspectProperties").Single(item => item.ItemSpec == property).GetMetadata("Value");

    /// <summary>The items that a target returned.</summary>
    public IReadOnlyList<ITaskItem> Items(string target) =>
        Targets is not null && Targets.TryGetValue(target, out var result) ? result.Items
            : throw new KeyNotFoundException($"{target} did not run.\n{Log}");

    /// <summary>What people see without asking for more.</summary>
    public IEnumerable<string?> Messages =>
        Output.AllEvents.OfType<BuildMessageEventArgs>().Where(e => e.Importance == MessageImportance.High).Select(e => e.Message);

    /// <summary>The log, for the message of a failing assertion.</summary>
    public string Log =>
        string.Join('\n', Output.AllEvents.OfType<BuildMessageEventArgs>().Where(
            e => e.Importance <= MessageImportance.Normal).Select(e => e.Message).TakeLast(12)
        .Concat(Warnings.Select(warning => $"warning {warning.Code}: {warning.Message}"))
        .Concat(Errors.Select(error => $"error {error.Code}: {error.Message}")));

    /// <summary>Fails the test unless the build succeeded without a warning.</summary>
    public Outcome EnsureSuccess()
    {
        Assert.True(Succeeded, Log);
        Assert.True(Warnings.Count == 0, Log);
        return this;
    }

    /// <summary>Fails the test unless the build failed with exactly this error; returns its text.</summary>
    public string EnsureError(string code)
    {
        Assert.False(Succeeded, $"Expected {code}.\n{Log}");
        var error = Assert.Single(Errors);
        Assert.True(error.Code == code, $"Expected {code}.\n{Log}");
        Assert.EndsWith($"docs/errors/{code}.md", error.HelpLink, StringComparison.Ordinal);
        Assert.EndsWith(".csproj", error.File, StringComparison.Ordinal);
        return error.Message!;
    }

    /// <summary>Fails the test unless the build succeeded with exactly this warning; returns its text.</summary>
    public string EnsureWarning(string code)
    {
        Assert.True(Succeeded, Log);
        var warning = Assert.Single(Warnings);
        Assert.True(warning.Code == code, $"Expected {code}.\n{Log}");
        Assert.EndsWith($"docs/errors/{code}.md", warning.HelpLink, StringComparison.Ordinal);
        return warning.Message!;
    }
}

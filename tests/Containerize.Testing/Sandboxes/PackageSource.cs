using System.Text.RegularExpressions;

namespace Containerize.Testing;

/// <summary>A package source of the user's own NuGet configuration.</summary>
/// <param name="Name">Its name there; credentials of the user's configuration go by it.</param>
/// <param name="Value">Its address or directory.</param>
public sealed partial record PackageSource(string Name, string Value)
{
    private static readonly Lazy<Task<IReadOnlyList<PackageSource>>> LazyConfigured = new(AskAsync);

    /// <summary>The enabled sources that restore uses in this repository. NuGet is asked once per process.</summary>
    public static Task<IReadOnlyList<PackageSource>> GetConfiguredAsync() => LazyConfigured.Value;

    // The short format has no names, and without its name a source has no credentials.
    private static IReadOnlyList<PackageSource> Parse(string detailedList) =>
        [.. Entry().Matches(detailedList).Select(match => new PackageSource(match.Groups["name"].Value, match.Groups["value"].Value))];

    private static async Task<IReadOnlyList<PackageSource>> AskAsync()
    {
        var command = new ProcessCommand(
            DotnetSdk.Current.HostPath, "nuget", "list", "source", "--format", "detailed", "--force-english-output")
        {
            WorkingDirectory = Repository.Root,
            InheritEnvironment = false,
            Environment = ChildEnvironment.Create(),
        };
        return Parse((await ProcessRunner.RunAsync(command)).EnsureSuccess().StandardOutput);
    }

    //   1.  name [Enabled]
    //       value
    [GeneratedRegex(@"^\s*\d+\.\s+(?<name>.+) \[Enabled\]\s*\n\s+(?<value>\S.*?)\s*$", RegexOptions.Multiline)]
    private static partial Regex Entry();
}

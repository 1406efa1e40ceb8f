using System.Xml.Linq;

namespace Containerize.Testing;

/// <summary>The files at the root of a <see cref="Sandbox"/>.</summary>
internal static class SandboxFiles
{
    /// <summary>
    /// What MSBuild, the compiler and the host look for in every directory above a project. Found here, they look no further, whatever
    /// a machine has in the directories above its temporary one.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Blockers(DotnetSdk sdk) => new Dictionary<string, string>
    {
        ["Directory.Build.props"] = "<Project />\n",
        ["Directory.Build.targets"] = "<Project />\n",
        ["Directory.Packages.props"] = "<Project />\n",
        ["Directory.Build.rsp"] = "",
        [".editorconfig"] = "root = true\n",
        ["global.json"] = $$"""
            {
              "sdk": {
                "version": "{{sdk.Version}}",
                "rollForward": "disable"
              }
            }

            """,
    };

    /// <summary>
    /// A configuration that knows the feed and the given sources, and nothing else that the user's or the machine's brings along.
    /// </summary>
    public static string NuGetConfig(string? feed, IEnumerable<PackageSource> sources, string globalPackagesFolder)
    {
        var packageSources = new XElement("packageSources", new XElement("clear"));
        if (feed is not null)
            packageSources.Add(Add("containerize-tests", feed));
        foreach (var source in sources)
        {
            packageSources.Add(Add(source.Name, source.Value));
            // The user's own configuration allowed it already, or the source would never have worked.
            if (source.Value.StartsWith("http:", StringComparison.OrdinalIgnoreCase))
                packageSources.Elements().Last().SetAttributeValue("allowInsecureConnections", "true");
        }

        return new XElement(
            "configuration",
            new XElement("config", Add("globalPackagesFolder", globalPackagesFolder)),
            packageSources,
            Cleared("disabledPackageSources"),
            Cleared("packageSourceMapping"),
            Cleared("auditSources"),
            Cleared("fallbackPackageFolders")).ToString() + "\n";
    }

    private static XElement Add(string key, string value) => new("add", new XAttribute("key", key), new XAttribute("value", value));

    private static XElement Cleared(string name) => new(name, new XElement("clear"));
}

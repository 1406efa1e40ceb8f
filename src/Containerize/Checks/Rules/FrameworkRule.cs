using Containerize.Checks.Facts;
using NuGet.Versioning;

namespace Containerize.Checks.Rules;

/// <summary>Shared frameworks that the image lacks, or has in versions that do not do.</summary>
internal sealed class FrameworkRule : IRule
{
    public Finding? Check(Inspection image)
    {
        // What is given to the host on the command line changes what it looks for.
        if (!DotnetInstallation.Needs(image)
            || image.Command.Words.Any(word => word is "--fx-version" or "--roll-forward" or "--runtimeconfig"))
            return null;
        var unmet = image.Needs.Frameworks.Where(framework => !IsMet(image, framework)).ToList();
        if (unmet.Count == 0)
            return null;
        if (!DotnetInstallation.IsFound(image))
        {
            var removed = image.Image.TakesAway ? " without what ContainerRemove takes away" : "";
            return DotnetInstallation.IsMissing(image) ? Missing(image, unmet, $"no .NET is in {image.Base}{removed}") : null;
        }


        var absent = unmet.Where(framework => DotnetInstallation.Versions(image, framework.Name).Count == 0).ToList();
        if (absent.Count == 0)
            return Missing(
                image,
                unmet,
                $"{image.Base} has {Present(image, unmet)}, which will not do (roll-forward '{RollForward(image, unmet[0])}')");
        var others = image.Needs.Frameworks.Except(absent).ToList();
        return Missing(image, absent, $"{image.Base} {(others.Count > 0 ? $"has {Present(image, others)} only" : "does not have it")}");
    }

    private static Finding Missing(Inspection image, IEnumerable<SharedFramework> frameworks, string what)
    {
        var needed = string.Join(" and ", frameworks.Select(framework => $"{framework.Name} {framework.Version}"));
        return new Finding(
            ErrorCodes.FrameworkMissing,
            $"{needed} is missing",
            $"The application needs {needed}, and {what}. Choose a base with it, such as {Suggestion(image)}, or publish the runtime "
                + "with the application (--self-contained).");
    }

    private static string Present(Inspection image, IEnumerable<SharedFramework> frameworks) =>
        string.Join(
            " and ",
            frameworks.Select(
                framework =>
                    $"{framework.Name} "
                        + $"{ErrorText.List(DotnetInstallation.Versions(image, framework.Name).Select(version => version.ToString()))}"));

    private static bool IsMet(Inspection image, SharedFramework framework)
    {
        if (!SemanticVersion.TryParse(framework.Version, out var wanted))
            return true;
        return DotnetInstallation.Versions(image, framework.Name)
            .Any(version => version >= wanted && RollForward(image, framework).ToUpperInvariant() switch
        {
            "DISABLE" => version == wanted,
            "LATESTPATCH" => (version.Major, version.Minor) == (wanted.Major, wanted.Minor),
            "MINOR" or "LATESTMINOR" => version.Major == wanted.Major,
            _ => true,
        });
    }

    // The environment takes precedence over the file (dotnet/runtime, framework-version-resolution.md).
    private static string RollForward(Inspection image, SharedFramework framework) =>
        image.Environment.GetValueOrDefault("DOTNET_ROLL_FORWARD") is { Length: > 0 } given ? given : framework.RollForward ?? "Minor";

    private static string Suggestion(Inspection image)
    {
        var repository = image.Needs.UsesAspNetCore ? "aspnet" : "runtime";
        var version = SemanticVersion.TryParse(image.Needs.Frameworks[0].Version, out var parsed)
            ? FormattableString.Invariant($"{parsed.Major}.{parsed.Minor}{(parsed.IsPrerelease ? "-preview" : "")}")
            : "latest";
        return $"mcr.microsoft.com/dotnet/{repository}:{version}{(image.Libcs is [Libc.Musl] ? "-alpine" : "")}";
    }
}

using NuGet.Versioning;

namespace Containerize.Planning.Settings;

/// <summary>What a project tells of itself that its base image follows from.</summary>
internal sealed record BaseImageFacts
{
    /// <summary>The SDK's version, for example <c>10.0.401</c>.</summary>
    public required string SdkVersion { get; init; }

    /// <summary>The target framework's version, for example <c>10.0</c>.</summary>
    public required string TargetFrameworkVersion { get; init; }

    /// <summary>The runtime identifiers that the image is for.</summary>
    public required IReadOnlyList<string> RuntimeIdentifiers { get; init; }

    /// <summary>Whether the project refers to the shared framework Microsoft.AspNetCore.App.</summary>
    public bool UsesAspNetCore { get; init; }

    /// <summary>Whether the runtime is published with the application.</summary>
    public bool IsSelfContained { get; init; }

    /// <summary>Whether native code is published (PublishAot).</summary>
    public bool IsAot { get; init; }

    /// <summary>Whether the application is trimmed.</summary>
    public bool IsTrimmed { get; init; }

    /// <summary>Whether the application does without ICU.</summary>
    public bool UsesInvariantGlobalization { get; init; }

    /// <summary><c>ContainerFamily</c>, for example <c>noble-chiseled</c>.</summary>
    public string? Family { get; init; }
}

/// <summary>
/// Chooses Microsoft's image for a project that names none: the rules of the .NET SDK's containers, so that a project
/// that changes over keeps its base.
/// </summary>
internal static class BaseImageInference
{
    private const string Registry = "mcr.microsoft.com";

    /// <summary>The base image's reference.</summary>
    /// <exception cref="ContainerizeException">The facts name no image (CTZ1001).</exception>
    public static string Infer(BaseImageFacts facts)
    {
        if (!SemanticVersion.TryParse(facts.SdkVersion, out var sdk))
            throw CannotInfer($"the SDK's version '{facts.SdkVersion}' is not a version");
        if (!Version.TryParse(facts.TargetFrameworkVersion.TrimStart('v', 'V'), out var framework))
            throw CannotInfer($"the target framework's version '{facts.TargetFrameworkVersion}' is not a version");

        var musl = facts.RuntimeIdentifiers.Where(rid => rid.StartsWith("linux-musl", StringComparison.Ordinal)).ToList();
        if (musl.Count > 0 && musl.Count < facts.RuntimeIdentifiers.Count)
            throw CannotInfer(
                $"the runtime identifiers '{string.Join(';', facts.RuntimeIdentifiers)}' mix musl (Alpine) and glibc, which have no "
                    + "base image in common");

        var repository = facts.IsSelfContained || facts.IsAot ? "dotnet/runtime-deps"
            : facts.UsesAspNetCore ? "dotnet/aspnet"
            : "dotnet/runtime";
        var version = VersionPart(sdk, framework);
        return $"{Registry}/{repository}:{version}{Suffix(facts, sdk, framework, musl.Count > 0)}";
    }

    private static string VersionPart(SemanticVersion sdk, Version framework)
    {
        var plain = FormattableString.Invariant($"{framework.Major}.{framework.Minor}");
        // Before .NET 8 there were no preview tags; a framework older than the SDK has long been released; and only the
        // first feature band's previews are previews of the framework itself.
        if (framework.Major < 8 || framework < new Version(sdk.Major, sdk.Minor) || !sdk.IsPrerelease || sdk.Patch != 100)
            return plain;
        var labels = sdk.ReleaseLabels.ToList();
        return labels[0] switch
        {
            "rc" or "preview" when labels.Count > 1 => $"{plain}.0-{labels[0]}.{labels[1]}",
            "rtm" or "servicing" => plain,
            "alpha" or "dev" or "ci" => plain + "-preview",
            _ => throw CannotInfer($"the SDK's version '{sdk}' is of an unknown kind of preview"),
        };
    }

    private static string Suffix(BaseImageFacts facts, SemanticVersion sdk, Version framework, bool musl)
    {
        var isModern = framework.Major >= 8;
        if (!string.IsNullOrEmpty(facts.Family))
        {
            var needsIcu = facts.Family.EndsWith("-chiseled", StringComparison.Ordinal)
                && isModern && !musl && !facts.UsesInvariantGlobalization && !sdk.IsPrerelease;
            return $"-{facts.Family}{(needsIcu ? "-extra" : "")}";
        }

        var small = isModern && (facts.IsAot || facts.IsTrimmed);
        var extra = small && !facts.UsesInvariantGlobalization ? "-extra" : "";
        if (musl)
            return "-alpine" + extra;
        if (!small)
            return "";
        // Ubuntu 24.04 came with SDK 8.0.300.
        return (sdk >= new SemanticVersion(8, 0, 300) ? "-noble-chiseled" : "-jammy-chiseled") + extra;
    }

    private static ContainerizeException CannotInfer(string why) => new(
        ErrorCodes.BaseImageInvalid,
        $"No base image can be chosen for this project: {why}. Set ContainerBaseImage, for example to '{Registry}/dotnet/aspnet:10.0'.");
}

using Containerize.Files;
using NuGet.Versioning;

namespace Containerize.Checks.Facts;

/// <summary>The shared frameworks that an image has.</summary>
internal static class DotnetInstallation
{
    // The installer's, Debian's and Ubuntu's, Red Hat's.
    private static readonly string[] UsualRoots = ["usr/share/dotnet", "usr/lib/dotnet", "usr/lib64/dotnet"];
    private static readonly string[] RootVariables =
    [
        "DOTNET_ROOT", "DOTNET_ROOT_X64", "DOTNET_ROOT_ARM64", "DOTNET_ROOT_ARM", "DOTNET_ROOT_X86",
    ];

    /// <summary>Whether the application needs a shared .NET, and the image has none at all.</summary>
    public static bool IsMissing(Inspection image) => Needs(image) && !IsFound(image) && !image.Libraries.LiesAnywhere("libhostpolicy.so");

    /// <summary>Whether there is one where it is looked for.</summary>
    public static bool IsFound(Inspection image) => Roots(image).Any();

    /// <summary>Whether the application runs on a shared .NET.</summary>
    public static bool Needs(Inspection image) =>
        image.StartsApplication && image.Needs is { IsSelfContained: false, Frameworks.Count: > 0 };

    /// <summary>The versions of a framework that there are, the oldest first.</summary>
    public static IReadOnlyList<SemanticVersion> Versions(Inspection image, string framework) =>
    [
        .. Roots(image).SelectMany(root => image.Files.Names($"{root}/shared/{framework}"))
            .Select(name => SemanticVersion.TryParse(name, out var version) ? version : null)
            .OfType<SemanticVersion>()
            .Distinct()
            .Order(),
    ];

    private static IEnumerable<string> Roots(Inspection image)
    {
        var muxer = image.Command.FindProgram("dotnet")?.Path;
        var candidates = RootVariables.Select(name => image.Environment.GetValueOrDefault(name, ""))
            .Append(muxer is null ? "" : muxer[..Math.Max(0, muxer.LastIndexOf('/'))])
            .Where(root => root.Length > 0)
            .Concat(UsualRoots);
        return candidates.Select(root => image.Files.Resolve(root)).OfType<string>().Distinct()
            .Where(
                root => image.Files.Find($"{root}/shared") is { Kind: ContentKind.Directory } && image.Files.Names($"{root}/shared").Any());
    }
}

using Containerize.Layers;

namespace Containerize.Planning.Published;

/// <summary>
/// The folder whose files ASP.NET Core sends to browsers. Its name is fixed when publishing: the SDK puts all static web assets below it,
/// and so do the templates' targets for single-page applications.
/// </summary>
internal static class WebRoot
{
    /// <summary>The folder below the application's directory. Upper and lower case matter, as they do on Linux at run time.</summary>
    public const string Folder = "wwwroot";

    /// <summary>
    /// Whether a published file or link is there to be served. Assemblies are not taken for that: they are the output of some
    /// compiler, and change with each build, wherever they lie.
    /// </summary>
    public static bool Serves(PublishedPath path) =>
        path.Kind != PublishedKind.EmptyDirectory
        && LayerPath.IsBelow(path.RelativePath, Folder)
        && Path.GetExtension(path.RelativePath).ToLowerInvariant() is not (".dll" or ".exe" or ".pdb");
}

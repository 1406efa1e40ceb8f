namespace Containerize.Planning.Published;

/// <summary>Where a published file comes from, from what changes least to what changes most.</summary>
public enum FileOrigin
{
    /// <summary>The runtime that a self-contained application brings along.</summary>
    RuntimePack,

    /// <summary>A NuGet package, or an assembly that is referenced by its path.</summary>
    Package,

    /// <summary>The browser's runtime and packages that a Blazor WebAssembly client is published with.</summary>
    BrowserRuntime,

    /// <summary>Another project.</summary>
    ProjectReference,

    /// <summary>A static web asset.</summary>
    StaticAsset,

    /// <summary>The project itself, and every file of unknown origin.</summary>
    Application,
}

/// <summary>What the build knows of a file that it published.</summary>
/// <param name="RelativePath">The path below the publish folder, with <c>/</c>.</param>
/// <param name="SourcePath">The full path that it was copied from.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="RuntimeIdentifier">The runtime identifier that it is made for; null where it runs on all.</param>
internal sealed record PublishItem(string RelativePath, string SourcePath, FileOrigin Origin, string? RuntimeIdentifier = null)
{
    /// <summary>Whether it is the program that starts the application's assembly (<c>apphost</c>).</summary>
    public bool IsStartProgram { get; init; }

    /// <summary>Why the image does without it; null if it does not.</summary>
    public string? LeaveOut { get; init; }
}

namespace Containerize.Planning;

/// <summary>What <c>ContainerTagPolicy</c> says: which tags an image gets by itself.</summary>
public enum TagPolicy
{
    /// <summary>Those that the user names; <c>latest</c> where none is named.</summary>
    Explicit,

    /// <summary>The version.</summary>
    Version,

    /// <summary>The version and, for a release, the names that move from release to release.</summary>
    Floating,
}

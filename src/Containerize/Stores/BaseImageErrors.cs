using Containerize.Images;

namespace Containerize.Stores;

/// <summary>What is wrong with a base image, wherever it lies. Its documents are quoted, and a terminal must not obey them.</summary>
internal static class BaseImageErrors
{
    /// <summary>It is not there, or it is not clear which one is meant (CTZ2008).</summary>
    /// <param name="image">The base image as the plan names it.</param>
    /// <param name="why">What is the matter, without a full stop.</param>
    /// <param name="next">What to do: whole sentences.</param>
    /// <param name="cause">The cause, if there is one.</param>
    public static ContainerizeException Unusable(string image, string why, string next, Exception? cause = null) => new(
        ErrorCodes.BaseUnusable, $"The base image '{image}' cannot be used: {why}. {next}", cause);

    /// <summary>It is not made for the platform (CTZ2002).</summary>
    public static ContainerizeException PlatformMissing(string image, Platform platform, IReadOnlyList<string> offered) => new(
        ErrorCodes.BasePlatformMissing,
        $"The base image '{image}' is not made for {platform}; it offers {(offered.Count == 0 ? "no platform" : ErrorText.List(offered))}. "
            + "Choose another ContainerBaseImage, or publish for one of these with --runtime or ContainerRuntimeIdentifier.");

    /// <summary>It is damaged, or no image that can be built on (CTZ2005).</summary>
    public static ContainerizeException Invalid(string image, string why, Exception? cause = null) => new(
        ErrorCodes.BaseContentInvalid,
        $"The base image '{image}' cannot be built on: {why}. Choose another ContainerBaseImage.",
        cause);
}

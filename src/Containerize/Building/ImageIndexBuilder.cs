using Containerize.Images;
using Containerize.Planning;

namespace Containerize.Building;

/// <summary>Images for several platforms → their index.</summary>
internal static class ImageIndexBuilder
{
    /// <summary>Puts the images of one project together.</summary>
    /// <param name="images">The images, each with the plan that it was built from.</param>
    /// <exception cref="ContainerizeException">
    /// Two are for one platform (CTZ1012), or their formats differ (CTZ1024).
    /// </exception>
    public static PlatformImages Build(IReadOnlyList<(ImagePlan Plan, Image Image)> images)
    {
        foreach (var group in images.GroupBy(image => image.Plan.Platform).Where(group => group.Count() > 1))
        {
            var identifiers = string.Join(" and ", group.Select(image => $"'{image.Plan.RuntimeIdentifier}'"));
            throw new ContainerizeException(
                ErrorCodes.PlatformTwice,
                $"The runtime identifiers {identifiers} both stand for the platform {group.Key}, and an image has one of each. "
                    + "Remove one from ContainerRuntimeIdentifiers or RuntimeIdentifiers.");
        }

        var formats = images.Select(image => MediaTypes.FormatOf(image.Image.Manifest.Document.MediaType)).Distinct().ToList();
        if (formats.Count > 1)
        {
            throw new ContainerizeException(
                ErrorCodes.ImageFormatInvalid,
                $"The base image '{images[0].Plan.BaseImage}' leads to another format on each platform, which one image cannot have. "
                    + "Set ContainerImageFormat to 'OCI' or 'Docker'.");
        }

        return new PlatformImages(
            ImageIndex.Create(
                formats[0],
                [.. images.Select(image => (image.Image, image.Plan.Platform))],
                images[0].Plan.AnnotationsIn(AnnotationScope.Index)),
            [.. images.Select(image => image.Image)]);
    }
}

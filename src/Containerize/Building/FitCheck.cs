using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;

namespace Containerize.Building;

/// <summary>Plan, config and the base's files → what will not work in the image.</summary>
public static class FitCheck
{
    // The layer with the runtime that is published along. It fits what it was published for as a whole, and loads some of its
    // files only where it can.
    private const string RuntimeLayer = "runtime";

    /// <summary>Checks an image.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="config">The image's config, as it was built.</param>
    /// <param name="files">The base's files; the image's own are laid on top.</param>
    public static IReadOnlyList<Finding> Run(ImagePlan plan, ImageConfig config, ImageTree files)
    {
        var placement = EntryPlacement.Place([.. plan.Layers.Select(layer => layer.Entries)], files, plan.BaseImage);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in config.Environment)
            variables[name] = value;
        return ImageChecker.Check(new CheckedImage
        {
            Files = placement.Files,
            Config = config,
            TakesAway = plan.Layers.Any(layer => layer.Name == LayerOrder.Removed),
            Platform = plan.Platform,
            RuntimeIdentifier = plan.RuntimeIdentifier,
            BaseImage = plan.BaseImage,
            Needs = plan.Needs,
            Own = [.. plan.Layers.Zip(placement.Layers).Where(layer => layer.First.Name != RuntimeLayer).SelectMany(layer => layer.Second)],
            Ports = ListensOn(plan, variables),
            NoPorts = plan.Needs.UsesAspNetCore ? [.. Ports.Invalid(variables)] : [],
        });
    }

    // What the base exposes besides was meant for something else.
    private static List<string> ListensOn(ImagePlan plan, Dictionary<string, string> variables) =>
        [.. plan.Config.Ports.Concat(plan.Needs.UsesAspNetCore ? Ports.FromEnvironment(variables) : []).Distinct()];
}

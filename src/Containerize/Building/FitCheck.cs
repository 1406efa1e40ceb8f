using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;

namespace Containerize.Building;

/// <summary>Plan, config and the base's files → what will not work in the image.</summary>
internal static class FitCheck
{
    // The layer with the runtime that is published along. It fits what it was published for as a whole, and loads some of its
    // files only where it can.
    internal const string RuntimeLayer = "runtime";

    /// <summary>Checks an image.</summary>
    /// <param name="plan">What was planned.</param>
    /// <param name="config">The image's config, as it was built.</param>
    /// <param name="files">The base's files; the image's own are laid on top.</param>
    public static IReadOnlyList<Finding> Run(ImagePlan plan, ImageConfig config, ImageTree files)
    {
        var placement = EntryPlacement.Place([.. plan.Layers.Select(layer => layer.Entries)], files, plan.BaseImage.ToString());
        var (ports, noPorts) = PortsOf(plan, config);
        return ImageChecker.Check(new CheckedImage
        {
            Files = placement.Files,
            Config = config,
            TakesAway = TakesAway(plan),
            Platform = plan.Platform,
            RuntimeIdentifier = plan.RuntimeIdentifier,
            BaseImage = plan.BaseImage.ToString(),
            Needs = plan.Needs,
            Own = [.. plan.Layers.Zip(placement.Layers).Where(layer => layer.First.Name != RuntimeLayer).SelectMany(layer => layer.Second)],
            Ports = ports,
            NoPorts = noPorts,
        });
    }

    /// <summary>Whether something of the base is taken away.</summary>
    internal static bool TakesAway(ImagePlan plan) => plan.Layers.Any(layer => layer.Name == LayerOrder.Removed);

    /// <summary>
    /// The ports that the application listens on, and what is none among its variables. What the base exposes besides was meant for
    /// something else.
    /// </summary>
    internal static (
        IReadOnlyList<string> Ports, IReadOnlyList<(string Variable, string Value)> NoPorts) PortsOf(ImagePlan plan, ImageConfig config)
    {
        if (!plan.Needs.UsesAspNetCore)
            return ([.. plan.Config.Ports.Distinct()], []);
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in config.Environment)
            variables[name] = value;
        return ([.. plan.Config.Ports.Concat(Ports.FromEnvironment(variables)).Distinct()], [.. Ports.Invalid(variables)]);
    }

    /// <summary>
    /// The names of files that the image may start, or that stand in its commands: they may be scripts, whatever they are called, and the
    /// words of a command line may be in one text.
    /// </summary>
    internal static HashSet<string> NamesIn(ImagePlan plan)
    {
        var command = plan.Config.Command;
        return
        [
            .. command.Entrypoint.Concat(command.EntrypointArgs).Concat(command.AppCommand).Concat(command.AppCommandArgs)
            .Concat(command.DefaultArgs)
                .Concat(plan.Config.Healthcheck?.Test ?? []).SelectMany(text => text.Split(' '))
                .Select(word => word[(word.LastIndexOf('/') + 1)..])
                .Where(word => !word.EndsWith(".dll", StringComparison.Ordinal)),
        ];
    }
}

namespace Containerize.Planning;

/// <summary>Where the image with the symbols alone goes: beside the other one, wherever that has arrived.</summary>
public static class SymbolsImage
{
    private const string Suffix = "-symbols";

    /// <summary>Its plan: the same, with the destinations of the symbols.</summary>
    /// <param name="plan">The plan of the application's image.</param>
    /// <param name="destinations">Where that one goes, or has gone, under which names.</param>
    public static ImagePlan Plan(ImagePlan plan, IEnumerable<Destination> destinations) =>
        plan with { Destinations = [.. destinations.Select(destination => Beside(plan, destination))] };

    // An archive is a file beside the other; everywhere else a tag does.
    private static Destination Beside(ImagePlan plan, Destination destination) => destination with
    {
        Target = destination.Kind == DestinationKind.Archive ? BesideFile(destination.Target) : destination.Target,
        Fallback = destination.Fallback is null ? null : BesideFile(destination.Fallback),
        Tags = [.. plan.TagsAt(destination).Select(tag => tag + Suffix)],
    };

    private static string BesideFile(string path)
    {
        var name = Path.GetFileName(path);
        var extensions = name.IndexOf(".tar", StringComparison.OrdinalIgnoreCase) is > 0 and var tar ? tar
            : name.LastIndexOf('.') is > 0 and var dot ? dot
            : name.Length;
        return path[..^(name.Length - extensions)] + Suffix + name[extensions..];
    }
}

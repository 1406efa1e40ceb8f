using Containerize.Images;

namespace Containerize.Planning;

/// <summary>What becomes of symbols: <c>ContainerSymbols</c>.</summary>
public enum SymbolsMode
{
    /// <summary>Managed symbols (<c>.pdb</c>) are in the image, as they are published; native ones and documentation are not.</summary>
    Include,

    /// <summary>None are in the image.</summary>
    Exclude,

    /// <summary>Symbols and documentation are in an image of their own.</summary>
    Separate,
}

/// <summary>Where the image with the symbols alone goes: beside the other one, wherever that has arrived.</summary>
internal static class SymbolsImage
{
    private const string Suffix = "-symbols";

    /// <summary>Its plan: the same, with the destinations of the symbols.</summary>
    /// <param name="plan">The plan of the application's image.</param>
    /// <param name="destinations">Where that one goes, or has gone, under which names.</param>
    public static ImagePlan Plan(ImagePlan plan, IEnumerable<Destination> destinations) =>
        plan with { Destinations = [.. destinations.Select(destination => Beside(plan, destination))] };

    /// <summary>Makes sure that the symbols can go beside the image: they have names, and these are not the image's own.</summary>
    /// <exception cref="ContainerizeException">A tag would be too long (CTZ1005), or one place would get both images (CTZ1036).</exception>
    public static void Check(ImagePlan plan)
    {
        if (plan.Symbols is null)
            return;
        foreach (var symbols in Plan(plan, plan.Destinations).Destinations)
        {
            if (symbols.Tags!.FirstOrDefault(tag => !ImageReference.IsValidTag(tag)) is { } tooLong)
            {
                throw new ContainerizeException(
                    ErrorCodes.TagInvalid,
                    $"'{tooLong}' is not a valid tag for the image of the symbols: it has {tooLong.Length} characters, and a tag has "
                        + "at most 128. "
                        + $"Shorten '{tooLong[..^Suffix.Length]}', or set ContainerSymbols to 'Include' or 'Exclude'.");
            }

            foreach (var own in plan.Destinations)
            {
                if (SamePlace(plan, own, symbols) is { } place)
                {
                    throw new ContainerizeException(
                        ErrorCodes.DestinationInvalid,
                        $"The image and the image of its symbols (ContainerSymbols is 'Separate') would both be '{place}', and one "
                            + "of them lost. Call the image something else there, or set ContainerSymbols to 'Include' or 'Exclude'.");
                }
            }
        }
    }

    private static string? SamePlace(ImagePlan plan, Destination own, Destination symbols)
    {
        if (symbols.Kind == DestinationKind.Archive || own.Kind == DestinationKind.Archive)
            return own.Target == symbols.Target ? own.Target : null;
        return own.Kind == symbols.Kind && own.Target == symbols.Target && plan.RepositoryAt(own) == plan.RepositoryAt(symbols)
            && plan.TagsAt(own).FirstOrDefault(symbols.Tags!.Contains) is { } tag
            ? $"{(own.IsRegistry ? own.Target + "/" : "")}{plan.RepositoryAt(own)}:{tag}"
            : null;
    }

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

using Containerize.Fuzz.Inputs;

namespace Containerize.Fuzz.Targets;

/// <summary>Something that reads what others have written.</summary>
/// <param name="Name">How the command line calls it, and its folder in the corpus.</param>
/// <param name="Run">Reads an input. What is documented for damaged ones is caught; whatever else is thrown is a defect.</param>
/// <param name="Repair">Makes an input that was changed at random one that gets past the checksums; null where there are none.</param>
internal sealed record Target(string Name, Action<byte[]> Run, Action<byte[]>? Repair = null);

/// <summary>All targets.</summary>
internal static class All
{
    /// <summary>The targets.</summary>
    public static IReadOnlyList<Target> Targets { get; } =
    [
        new("manifest", Documents.Manifest),
        new("index", Documents.Index),
        new("config", Documents.Config),
        new("challenge", Answers.Challenge),
        new("token", Answers.Token),
        new("link", Answers.Link),
        new("errors", Answers.Errors),
        new("layer", Files.Layer, TarChecksums.Repair),
        new("archive", Files.Archive, TarChecksums.Repair),
        new("tree", Files.Tree, TarChecksums.Repair),
        new("unpack", Files.Unpack),
        new("elf", Files.Elf),
    ];

    /// <summary>The target of this name; null where there is none.</summary>
    public static Target? Find(string name) => Targets.FirstOrDefault(target => target.Name == name);
}

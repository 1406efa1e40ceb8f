using System.Text;
using Containerize.Checks.Elf;
using Containerize.Files;
using Containerize.Layers;

namespace Containerize.Checks.Facts;

/// <summary>An image, and what several rules want to know of it.</summary>
internal sealed class Inspection
{
    public Inspection(CheckedImage image)
    {
        Image = image;
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in CheckedVariables.In(image.Config.Environment))
            environment[name] = value;
        Environment = environment;
        Command = new CommandLine(image, environment);
        Libraries = new Libraries(image, environment, Command);
        Libcs = Libraries.Libcs;
        Natives = [.. image.Own.Select(Native).OfType<NativeFile>()];
    }

    /// <summary>The image.</summary>
    public CheckedImage Image { get; }

    /// <summary>Its files.</summary>
    public ImageTree Files => Image.Files;

    /// <summary>What the application expects.</summary>
    public ApplicationNeeds Needs => Image.Needs;

    /// <summary>Its environment variables, as far as rules look at them (<see cref="CheckedVariables"/>).</summary>
    public IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>What it starts.</summary>
    public CommandLine Command { get; }

    /// <summary>Where its libraries are.</summary>
    public Libraries Libraries { get; }

    /// <summary>The C libraries that it has.</summary>
    public IReadOnlyList<Libc> Libcs { get; }

    /// <summary>The native programs and libraries of its own.</summary>
    public IReadOnlyList<NativeFile> Natives { get; }

    /// <summary>
    /// Whether it starts something of its own. Where it does not (static files on a web server's image), what the application
    /// would need to run does not matter.
    /// </summary>
    public bool StartsApplication => Command.Named.Count > 0;

    /// <summary>How messages call the base.</summary>
    public string Base => $"the base image '{Image.BaseImage}'";

    /// <summary>The natives that the image's processor and C library can run.</summary>
    public IEnumerable<NativeFile> FittingNatives => Natives.Where(file => FitsMachine(file) && FitsLibc(file));

    /// <summary>Whether the image's processor runs it.</summary>
    public bool FitsMachine(NativeFile file) =>
        ElfMachine.Of(Image.Platform) is not { } machine
        || machine.Number == file.Elf.Machine
        // 64-bit processors run programs for their 32-bit predecessors; libraries are loaded by 64-bit ones.
        || (file.Elf.IsProgram && (machine.Architecture, ElfMachine.NameOf(file.Elf.Machine)) is ("amd64", "386") or ("arm64", "arm")
            && (file.Elf.Interpreter is null || Files.Find(file.Elf.Interpreter) is not null));

    /// <summary>Whether the image has the C library that it is made for, or it cannot be told.</summary>
    public bool FitsLibc(NativeFile file) => Libcs.Count == 0 || file.Libc is not { } libc || Libcs.Contains(libc);

    /// <summary>
    /// What is left of the natives that have something wrong: not those of which there is another variant that is right, which
    /// the package then takes.
    /// </summary>
    public IReadOnlyList<NativeFile> WithoutAlternative(IEnumerable<NativeFile> wrong)
    {
        var files = wrong.ToHashSet();
        var right = FittingNatives.Where(file => !files.Contains(file)).Select(file => file.Stem).ToHashSet(StringComparer.Ordinal);
        return [.. files.Where(file => !right.Contains(file.Stem))];
    }

    /// <summary>The text of a file: nothing where there is no such file, null where it is not known.</summary>
    public string? Text(string path)
    {
        if (Files.Find(path) is not { } node)
            return "";
        if (node.Source is not { } source)
            return Files.Text(path);
        try
        {
            return ForeignFile.Read(source, Limits.TextBytes) is { } bytes ? Encoding.UTF8.GetString(bytes) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether there is a file at a path, or something in a directory.</summary>
    public bool HasContent(string path) =>
        Files.Find(path) is { } node && (node.Kind != ContentKind.Directory || Files.Names(path).Any());

    /// <summary>How a sentence names several files: the first, and how many others.</summary>
    public static string Several(IReadOnlyList<string> names) => names.Count switch
    {
        1 => names[0],
        2 => $"{names[0]} and {names[1]}",
        _ => FormattableString.Invariant($"{names[0]} and {names.Count - 1} others"),
    };

    private NativeFile? Native(LayerEntry entry)
    {
        // What a web server sends is not run here.
        if (entry.Kind != LayerEntryKind.File || entry.TimeFromContent || !ElfFile.IsWorthOpening(entry.Path))
            return null;
        if (Files.Find(entry.Path) is not { } node || node.Source != entry.Source
            || ElfFile.Read(entry.Source) is not { Type: ElfType.Executable or ElfType.Shared } elf)
            return null;
        var file = new NativeFile("/" + node.Path, elf);
        // The start program of an application that is started with `dotnet` lies there unused.
        return elf.IsProgram && Files.Find(node.Path + ".dll") is not null && Command.Named.All(named => named.Path != node.Path) ? null
            : file;
    }
}

namespace Containerize.Checks.Elf;

/// <summary>
/// What a program or library for Linux says of itself (System V ABI, "Object Files" and "Program Loading and Dynamic Linking").
/// </summary>
internal sealed record ElfFile
{
    // What the .NET build writes by the thousand and never is ELF, nor a script: not worth opening.
    private static readonly HashSet<string> OtherExtensions = new(StringComparer.OrdinalIgnoreCase)
    {
        ".dll", ".pdb", ".json", ".xml", ".config", ".resources", ".html", ".css", ".js", ".map", ".gz", ".br", ".png", ".svg",
        ".ico", ".jpg", ".woff", ".woff2", ".txt", ".md",
    };

    /// <summary>What kind of file it is.</summary>
    public required ElfType Type { get; init; }

    /// <summary>The processor that it is made for (<c>e_machine</c>); <see cref="ElfMachine"/> knows some.</summary>
    public required int Machine { get; init; }

    /// <summary>Whether addresses have 64 bits.</summary>
    public required bool Is64 { get; init; }

    /// <summary>Whether numbers start with their highest byte.</summary>
    public required bool IsBigEndian { get; init; }

    /// <summary>Whether it says that it is a position-independent program (DF_1_PIE): static ones have no interpreter to tell by.</summary>
    public bool IsPie { get; init; }

    /// <summary>PT_INTERP: the loader that it asks for; null for libraries and static programs, empty where it cannot be read.</summary>
    public string? Interpreter { get; init; }

    /// <summary>DT_NEEDED: the libraries that are loaded with it.</summary>
    public IReadOnlyList<string> Needed { get; init; } = [];

    /// <summary>DT_SONAME: what others call it in <see cref="Needed"/>.</summary>
    public string? SoName { get; init; }

    /// <summary>DT_RPATH: where its libraries are looked for first; heeded only without <see cref="RunPath"/>.</summary>
    public string? RPath { get; init; }

    /// <summary>DT_RUNPATH: where its libraries are looked for before the usual directories.</summary>
    public string? RunPath { get; init; }

    /// <summary>
    /// The versions of symbols that it cannot do without, by the library that has them (<c>.gnu.version_r</c>). Musl knows none.
    /// </summary>
    public IReadOnlyList<VersionNeed> VersionNeeds { get; init; } = [];

    /// <summary>Whether it can be started, rather than loaded by others.</summary>
    public bool IsProgram => Type == ElfType.Executable || Interpreter is not null || IsPie;

    /// <summary>Whether a file's extension leaves open that it is ELF, or a script.</summary>
    public static bool IsWorthOpening(string path) => !OtherExtensions.Contains(Path.GetExtension(path));

    /// <summary>Reads a file; null for one that is no ELF, or cannot be read.</summary>
    public static ElfFile? Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return Read(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Reads a file from its start; null for one that is no ELF. What is damaged in it is left out.</summary>
    /// <param name="file">The file; it must be seekable.</param>
    public static ElfFile? Read(Stream file) => ElfReader.Read(file);

    /// <summary>Whether a file is a program, as <see cref="IsProgram"/> says of one that has been read: less of it is, here.</summary>
    /// <param name="file">The file; it must be seekable.</param>
    public static bool IsProgramAt(Stream file) => ElfReader.IsProgram(file);
}

/// <summary>The versions of symbols that are needed of one library.</summary>
/// <param name="File">The library, as in <see cref="ElfFile.Needed"/>.</param>
/// <param name="Versions">For example <c>GLIBC_2.34</c>.</param>
internal sealed record VersionNeed(string File, IReadOnlyList<string> Versions);

/// <summary>The kinds of ELF files (<c>e_type</c>).</summary>
public enum ElfType
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>What the compiler leaves for the linker.</summary>
    Relocatable,

    /// <summary>A program with a fixed address.</summary>
    Executable,

    /// <summary>A library, or a program without a fixed address.</summary>
    Shared,

    /// <summary>What a process left when it crashed.</summary>
    Core,
}

using Containerize.Checks.Elf;
using Containerize.Files;

namespace Containerize.Checks.Facts;

/// <summary>Where an image has its shared libraries.</summary>
internal sealed class Libraries
{
    private readonly CheckedImage _image;
    private readonly CommandLine _command;
    private readonly string[] _given;
    private readonly string[] _usual;
    private HashSet<string>? _names;

    public Libraries(CheckedImage image, IReadOnlyDictionary<string, string> environment, CommandLine command)
    {
        _image = image;
        _command = command;
        _given = environment.GetValueOrDefault("LD_LIBRARY_PATH", "").Split([':', ';'], StringSplitOptions.RemoveEmptyEntries);
        // Those of glibc, of Debian's glibc, and of musl (ld.so(8); musl, ldso/dynlink.c).
        string[] usual = ["lib", "lib64", "usr/lib", "usr/lib64", "usr/local/lib", "usr/local/lib64"];
        _usual = ElfMachine.Of(image.Platform) is { } machine
            ? [.. usual, $"lib/{machine.Triplet}", $"usr/lib/{machine.Triplet}", $"usr/local/lib/{machine.Triplet}"]
            : usual;
    }

    /// <summary>The C libraries that the image has: one, none or (with Alpine's gcompat) both.</summary>
    public IReadOnlyList<Libc> Libcs =>
        [.. _usual.SelectMany(_image.Files.Names).Select(LibcFlavours.OfLoader).OfType<Libc>().Distinct()];

    /// <summary>
    /// Whether a C library that programs can start with lies anywhere in the image: glibc's loader with its library, or musl's, which is
    /// both.
    /// </summary>
    public bool HasLibc => Libcs.Contains(Libc.Musl) || (Libcs.Contains(Libc.Glibc) && Find("libc.so.6") is not null)
        || AnyName(name => LibcFlavours.OfLoader(name) == Libc.Musl)
        || (AnyName(name => LibcFlavours.OfLoader(name) == Libc.Glibc) && AnyName(name => name == "libc.so.6"));

    /// <summary>A library in the directories that every program's libraries are looked for in; null where it is not there.</summary>
    public ImageNode? Find(string name) => FindIn(_given.Select(_command.Absolute).Concat(_usual), name);

    /// <summary>A library as the loader looks for it for a file; null where it is not found that way.</summary>
    public ImageNode? FindFor(NativeFile file, string name)
    {
        if (name.Contains('/', StringComparison.Ordinal))
            return _image.Files.Find(_command.Absolute(name));
        var first = file.Elf.RunPath is null ? Expand(file.Elf.RPath, file) : [];
        // The runtime loads a library's neighbours by their full paths, and the loader takes what is loaded already.
        return FindIn([.. first, .. _given.Select(_command.Absolute), .. Expand(file.Elf.RunPath, file), .. _usual, file.Directory], name);
    }

    /// <summary>
    /// Whether a file of this name lies anywhere in the image. Directories that only the base's loader knows
    /// (<c>/etc/ld.so.conf</c>) cannot be read here, so what lies anywhere may well be found.
    /// </summary>
    public bool LiesAnywhere(string name) => (_names ??= AllNames()).Contains(name);

    /// <summary>Whether there is a library whose name starts this way, anywhere in the image.</summary>
    public bool Has(string start) =>
        _usual.SelectMany(_image.Files.Names).Any(name => name.StartsWith(start, StringComparison.Ordinal))
        || AnyName(name => name.StartsWith(start, StringComparison.Ordinal));

    private bool AnyName(Func<string, bool> fits) => (_names ??= AllNames()).Any(fits);

    private ImageNode? FindIn(IEnumerable<string> directories, string name) =>
        directories.Select(directory => _image.Files.Find($"{directory}/{name}"))
            .FirstOrDefault(node => node is { Kind: ContentKind.File });

    private IEnumerable<string> Expand(string? paths, NativeFile file) => (paths ?? "")
        .Split(':', StringSplitOptions.RemoveEmptyEntries)
        .Select(path => _command.Absolute(path
            .Replace("$ORIGIN", file.Directory, StringComparison.Ordinal)
            .Replace("${ORIGIN}", file.Directory, StringComparison.Ordinal)));

    // A base has tens of thousands of files: listed only where something seems to be missing.
    private HashSet<string> AllNames()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var directories = new Stack<string>([""]);
        while (directories.TryPop(out var directory))
        {
            foreach (var name in _image.Files.Names(directory))
            {
                var path = $"{directory}/{name}";
                if (_image.Files.FindLink(path) is { Kind: ContentKind.Directory })
                    directories.Push(path);
                else if (_image.Files.Find(path) is { Kind: ContentKind.File })
                    names.Add(name);
            }
        }

        return names;
    }
}

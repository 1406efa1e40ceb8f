using Containerize.Checks.Elf;

namespace Containerize.Checks.Facts;

/// <summary>The C libraries of Linux. What is made for one does not run on the other.</summary>
public enum Libc
{
    /// <summary>GNU's, of Debian, Ubuntu, Fedora and most others.</summary>
    Glibc,

    /// <summary>Alpine's.</summary>
    Musl,
}

/// <summary>Tells C libraries by what files and runtime identifiers say.</summary>
internal static class LibcFlavours
{
    private static readonly string[] GlibcLoaders = ["ld-linux", "ld64.so.", "ld.so."];
    private static readonly string[] GlibcLibraries =
    [
        "libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libutil.so.1",
    ];

    /// <summary>The one that a file is made for; null where it does not say.</summary>
    public static Libc? Of(ElfFile file)
    {
        if (OfLoader(Path.GetFileName(file.Interpreter ?? "")) is { } libc)
            return libc;
        if (file.Needed.Any(name => name.StartsWith("libc.musl-", StringComparison.Ordinal)))
            return Libc.Musl;
        // Not `libc.so`: musl's, but Android's too.
        return file.Needed.Any(name => GlibcLibraries.Contains(name) || name.StartsWith("ld-linux", StringComparison.Ordinal))
            || file.VersionNeeds.Any(need => need.Versions.Any(version => version.StartsWith("GLIBC_", StringComparison.Ordinal)))
            ? Libc.Glibc
            : null;
    }

    /// <summary>The one that a loader belongs to; null for other files.</summary>
    public static Libc? OfLoader(string name) =>
        name.StartsWith("ld-musl-", StringComparison.Ordinal) ? Libc.Musl
        : GlibcLoaders.Any(loader => name.StartsWith(loader, StringComparison.Ordinal)) ? Libc.Glibc
        : null;

    /// <summary>The one that a runtime identifier stands for.</summary>
    public static Libc OfRuntimeIdentifier(string runtimeIdentifier) =>
        runtimeIdentifier.Split('-') is var parts && (parts.Contains("musl") || parts[0].StartsWith("alpine", StringComparison.Ordinal))
            ? Libc.Musl
            : Libc.Glibc;

    /// <summary>A portable runtime identifier for the same processor and a C library.</summary>
    public static string RuntimeIdentifierFor(string runtimeIdentifier, Libc libc) =>
        (libc == Libc.Musl ? "linux-musl-" : "linux-") + runtimeIdentifier[(runtimeIdentifier.LastIndexOf('-') + 1)..];

    /// <summary>Its name.</summary>
    public static string Name(this Libc libc) => libc == Libc.Musl ? "musl" : "glibc";
}

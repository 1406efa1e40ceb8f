using System.Reflection.PortableExecutable;

namespace Containerize.Planning.Published;

/// <summary>Which files the SDK puts beside a single-file program rather than into it (its task <c>GenerateBundle</c>).</summary>
/// <param name="Natives"><c>IncludeNativeLibrariesForSelfExtract</c>.</param>
/// <param name="All"><c>IncludeAllContentForSelfExtract</c>.</param>
/// <param name="Symbols"><c>IncludeSymbolsInSingleFile</c>.</param>
internal sealed record BundleRules(bool Natives, bool All, bool Symbols)
{
    /// <summary>Whether a file lies beside the program: neither an assembly nor one of the two files that the host reads.</summary>
    /// <param name="path">The file's full path.</param>
    public bool IsBeside(string path)
    {
        if (All
            || path.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".runtimeconfig.json", StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        if (path.EndsWith(".pdb", StringComparison.OrdinalIgnoreCase))
            return !Symbols;
        try
        {
            using var file = File.OpenRead(path);
            Span<byte> start = stackalloc byte[4];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            if (IsNative(start))
                return !Natives && !IsHost(path);
            if (!start.StartsWith("MZ"u8))
                return true;
            file.Position = 0;
            using var reader = new PEReader(file);
            return !reader.HasMetadata && !Natives;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            return false; // What cannot be read is not copied.
        }
    }

    // ELF, and Mach-O in both byte orders and as a universal file.
    private static bool IsNative(ReadOnlySpan<byte> start) =>
        start.SequenceEqual("\u007fELF"u8)
        || start is [0xFE, 0xED, 0xFA, 0xCE or 0xCF] or [0xCE or 0xCF, 0xFA, 0xED, 0xFE] or [0xCA, 0xFE, 0xBA, 0xBE];

    // What becomes the program.
    private static bool IsHost(string path) => Path.GetFileNameWithoutExtension(path) is "apphost" or "singlefilehost";
}

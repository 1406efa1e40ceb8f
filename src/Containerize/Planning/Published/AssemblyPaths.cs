using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Containerize.Planning.Published;

/// <summary>Why an assembly's bytes depend on the folder that it was compiled in.</summary>
public enum FolderDependence
{
    /// <summary>They do not, as far as can be told.</summary>
    None,

    /// <summary>
    /// The compiler wrote unmapped paths into it: without <c>DeterministicSourcePaths</c>, or of files outside of what is mapped.
    /// </summary>
    Paths,

    /// <summary>Razor's generator writes full paths into its code, and the compiler a checksum of that code into the symbols.</summary>
    Razor,

    /// <summary>The F# compiler reserves room by the length of the symbols' full path.</summary>
    FSharp,
}

/// <summary>What an assembly tells of the machine that it was compiled on.</summary>
internal static class AssemblyPaths
{
    // Language of a document: ECMA-335's F# (dotnet/runtime, PortablePdb-Metadata.md, "Document Table").
    private static readonly Guid FSharpLanguage = new("ab4f38c9-b6e6-43ba-be3b-58080b2ccce3");

    /// <summary>Why its bytes depend on its folder, by the place that it names for its symbols and by the documents in them.</summary>
    /// <param name="path">The assembly.</param>
    /// <param name="symbols">Where its symbols may lie, if they are not inside of it; the first that fits counts.</param>
    public static FolderDependence DependenceOf(string path, params IReadOnlyList<string> symbols)
    {
        try
        {
            using var reader = new PEReader(File.OpenRead(path));
            if (!reader.HasMetadata)
                return FolderDependence.None;
            var entries = reader.ReadDebugDirectory();
            if (entries.Length == 0)
                return FolderDependence.None; // DebugType=none: the one case in which nothing of the folder is in it.
            if (IsUnmapped(entries, reader))
                return FolderDependence.Paths;
            using var provider = SymbolsIn(entries, reader) ?? SymbolsBeside(entries, reader, symbols);
            return provider is null ? FolderDependence.None : DependenceOf(provider.GetMetadataReader());
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            return FolderDependence.None;
        }
    }

    private static bool IsUnmapped(ImmutableArray<DebugDirectoryEntry> entries, PEReader reader) =>
        entries.Any(
            entry => entry.Type == DebugDirectoryEntryType.CodeView && IsUnmapped(reader.ReadCodeViewDebugDirectoryData(entry).Path));

    // Of a path of another machine, nothing depends on this one: a library that was built elsewhere is the same everywhere.
    private static bool IsUnmapped(string path) =>
        Path.IsPathFullyQualified(path) && !path.StartsWith("/_", StringComparison.Ordinal)
            && Directory.Exists(Path.GetDirectoryName(path));

    private static MetadataReaderProvider? SymbolsIn(ImmutableArray<DebugDirectoryEntry> entries, PEReader reader)
    {
        var embedded = entries.FirstOrDefault(entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        return embedded.Type == DebugDirectoryEntryType.EmbeddedPortablePdb
            ? reader.ReadEmbeddedPortablePdbDebugDirectoryData(embedded)
            : null;
    }

    private static MetadataReaderProvider? SymbolsBeside(
        ImmutableArray<DebugDirectoryEntry> entries, PEReader reader, IReadOnlyList<string> candidates)
    {
        var codeView = entries.FirstOrDefault(entry => entry.Type == DebugDirectoryEntryType.CodeView);
        if (codeView.Type != DebugDirectoryEntryType.CodeView || candidates.FirstOrDefault(File.Exists) is not { } path)
            return null;
        var id = new BlobContentId(reader.ReadCodeViewDebugDirectoryData(codeView).Guid, codeView.Stamp);
        var provider = MetadataReaderProvider.FromPortablePdbStream(File.OpenRead(path));
        if (provider.GetMetadataReader().DebugMetadataHeader is { } header && new BlobContentId(header.Id) == id)
            return provider;
        provider.Dispose(); // Of another build.
        return null;
    }

    private static FolderDependence DependenceOf(MetadataReader symbols)
    {
        foreach (var handle in symbols.Documents)
        {
            var document = symbols.GetDocument(handle);
            if (symbols.GetGuid(document.Language) == FSharpLanguage)
                return FolderDependence.FSharp;
            var name = symbols.GetString(document.Name);
            if (name.EndsWith("_razor.g.cs", StringComparison.Ordinal) || name.EndsWith("_cshtml.g.cs", StringComparison.Ordinal))
                return FolderDependence.Razor;
            if (IsUnmapped(name))
                return FolderDependence.Paths;
        }

        return FolderDependence.None;
    }
}

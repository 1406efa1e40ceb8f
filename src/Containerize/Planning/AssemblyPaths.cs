using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Containerize.Planning;

/// <summary>What an assembly tells of the machine that it was compiled on.</summary>
public static class AssemblyPaths
{
    /// <summary>
    /// The folder that the compiler wrote into the assembly, as the place of its symbols; null where it wrote none, or a
    /// mapped one (<c>DeterministicSourcePaths</c>), or where this is no assembly.
    /// </summary>
    public static string? FolderIn(string path)
    {
        try
        {
            using var reader = new PEReader(File.OpenRead(path));
            var entry = reader.ReadDebugDirectory().FirstOrDefault(candidate => candidate.Type == DebugDirectoryEntryType.CodeView);
            if (entry.Type != DebugDirectoryEntryType.CodeView)
                return null;
            var symbols = reader.ReadCodeViewDebugDirectoryData(entry).Path;
            return Path.IsPathFullyQualified(symbols) && !symbols.StartsWith("/_", StringComparison.Ordinal) ? Path.GetDirectoryName(symbols) : null;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

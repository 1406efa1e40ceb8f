using Containerize.Checks.Elf;

namespace Containerize.Planning.Published;

/// <summary>
/// Tells programs from other files by their content. The modes on disk are accidents: NuGet unpacks everything as 0744,
/// and a Windows host has none.
/// </summary>
internal static class ExecutableFiles
{
    /// <summary>
    /// Whether the file is a program: ELF with an interpreter or position-independent main program, or a script with a shebang.
    /// </summary>
    public static bool IsExecutable(string path)
    {
        if (!ElfFile.IsWorthOpening(path))
            return false;
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> start = stackalloc byte[2];
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            return start.SequenceEqual("#!"u8) || ElfFile.IsProgramAt(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Building the layer reads it again, and reports.
        }
    }
}

using System.Buffers.Binary;

namespace Containerize.Planning;

/// <summary>
/// Tells programs from other files by their content. The modes on disk are accidents: NuGet unpacks everything as 0744,
/// and a Windows host has none.
/// </summary>
internal static class ExecutableFiles
{
    // What the .NET build writes by the thousand and never is a program: not worth opening.
    private static readonly HashSet<string> NeverPrograms = new(StringComparer.OrdinalIgnoreCase)
    {
        ".dll", ".pdb", ".json", ".xml", ".config", ".resources", ".html", ".css", ".js", ".map", ".gz", ".br", ".png", ".svg",
        ".ico", ".jpg", ".woff", ".woff2", ".txt", ".md",
    };

    /// <summary>Whether the file is a program: ELF with an interpreter or position-independent main program, or a script with a shebang.</summary>
    public static bool IsExecutable(string path)
    {
        if (NeverPrograms.Contains(Path.GetExtension(path)))
            return false;
        Span<byte> start = stackalloc byte[4096];
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1);
            start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
            return start.StartsWith("#!"u8) || IsElfProgram(start, file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // Building the layer reads it again, and reports.
        }
    }

    // System V ABI, "ELF Header" and "Program Header": a program asks for an interpreter (PT_INTERP), or is ET_EXEC, or is a
    // static position-independent program, which its dynamic section says (DF_1_PIE); a library is none of these.
    private static bool IsElfProgram(ReadOnlySpan<byte> start, FileStream file)
    {
        const int interpreter = 3, dynamic = 2, executable = 2, flags1 = 0x6ffffffb, pie = 0x08000000;
        if (start.Length < 64 || !start.StartsWith("\u007fELF"u8))
            return false;
        var is64 = start[4] == 2;
        var bigEndian = start[5] == 2;
        if (U16(start[16..]) == executable)
            return true;
        var headers = is64 ? Address(start[32..]) : Address(start[28..]);
        int size = U16(start[(is64 ? 54 : 42)..]);
        int count = U16(start[(is64 ? 56 : 44)..]);
        if (headers < 0 || size < (is64 ? 56 : 32))
            return false;
        // Usually just behind the ELF header; patchelf moves them to the end of the file.
        var table = new byte[Math.Min(size * count, 64 * 1024)];
        file.Position = headers;
        var known = file.ReadAtLeast(table, table.Length, throwOnEndOfStream: false);
        for (var at = 0; at <= known - size; at += size)
        {
            var header = table.AsSpan(at, size);
            var type = (int)U32(header);
            if (type == interpreter)
                return true;
            if (type == dynamic && HasPieFlag(Address(header[(is64 ? 8 : 4)..]), Address(header[(is64 ? 32 : 16)..])))
                return true;
        }

        return false;

        ushort U16(ReadOnlySpan<byte> at) => bigEndian ? BinaryPrimitives.ReadUInt16BigEndian(at) : BinaryPrimitives.ReadUInt16LittleEndian(at);
        uint U32(ReadOnlySpan<byte> at) => bigEndian ? BinaryPrimitives.ReadUInt32BigEndian(at) : BinaryPrimitives.ReadUInt32LittleEndian(at);
        long Address(ReadOnlySpan<byte> at) => !is64 ? U32(at)
            : bigEndian ? BinaryPrimitives.ReadInt64BigEndian(at) : BinaryPrimitives.ReadInt64LittleEndian(at);

        bool HasPieFlag(long offset, long length)
        {
            if (offset < 0 || length is < 0 or > 64 * 1024)
                return false;
            var section = new byte[length];
            file.Position = offset;
            var read = file.ReadAtLeast(section, section.Length, throwOnEndOfStream: false);
            var word = is64 ? 8 : 4;
            for (var at = 0; at + (2 * word) <= read; at += 2 * word)
            {
                if (Address(section.AsSpan(at)) == flags1)
                    return (Address(section.AsSpan(at + word)) & pie) != 0;
            }

            return false;
        }
    }
}

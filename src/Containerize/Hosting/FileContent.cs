namespace Containerize.Hosting;

/// <summary>Compares and replaces the content of files.</summary>
internal static class FileContent
{
    private const int BufferSize = 128 * 1024;

    /// <summary>Whether two files have the same bytes.</summary>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static bool AreEqual(string first, string second)
    {
        using var a = Open(first);
        using var b = Open(second);
        if (a.Length != b.Length)
            return false;
        var (left, right) = (new byte[BufferSize], new byte[BufferSize]);
        while (true)
        {
            var read = a.ReadAtLeast(left, BufferSize, throwOnEndOfStream: false);
            var other = b.ReadAtLeast(right, BufferSize, throwOnEndOfStream: false);
            if (!left.AsSpan(0, read).SequenceEqual(right.AsSpan(0, other)))
                return false;
            if (read < BufferSize)
                return true;
        }
    }

    /// <summary>
    /// Puts a copy in a file's place, with the source's mode and time, in one step: a reader sees the old file or the new one.
    /// </summary>
    /// <exception cref="IOException">The source cannot be read, or the file not be replaced.</exception>
    public static void CopyOver(string source, string file)
    {
        var temporary = AtomicFile.TemporaryIn(Path.GetDirectoryName(file)!);
        try
        {
            File.Copy(source, temporary);
            File.Move(temporary, file, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static FileStream Open(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
}

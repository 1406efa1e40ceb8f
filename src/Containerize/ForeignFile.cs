namespace Containerize;

/// <summary>Reads files that others have written into memory, and no more of them than is sensible.</summary>
internal static class ForeignFile
{
    /// <summary>A file's bytes; null where they are more than a limit, also if they become so meanwhile.</summary>
    /// <exception cref="IOException">It cannot be read, or is a pipe, a socket or a device.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static byte[]? Read(string path, long most)
    {
        FileIdentity.RequireRegular(path);
        return ReadAnyKind(path, most);
    }

    /// <summary>The same also for pipes and devices, which may never end: for <c>UserFile</c>, which has a limit on the time.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static byte[]? ReadAnyKind(string path, long most)
    {
        using var file = Open(path, FileOptions.None);
        var content = new Content(file.CanSeek ? file.Length : 0, most);
        while (content.IsOpen)
            content.Add(file.Read(content.Free.Span));
        return content.ToArray();
    }

    /// <summary>The same, without blocking a thread.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be read.</exception>
    public static async Task<byte[]?> ReadAsync(string path, long most, CancellationToken cancellationToken)
    {
        FileIdentity.RequireRegular(path);
        var file = Open(path, FileOptions.Asynchronous);
        await using (file.ConfigureAwait(false))
        {
            var content = new Content(file.CanSeek ? file.Length : 0, most);
            while (content.IsOpen)
                content.Add(await file.ReadAsync(content.Free, cancellationToken).ConfigureAwait(false));
            return content.ToArray();
        }
    }

    private static FileStream Open(string path, FileOptions options) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, options | FileOptions.SequentialScan);

    // One byte more than the file is said to have: it may grow, and files of the kernel say 0.
    private sealed class Content(long length, long most)
    {
        private byte[] _bytes = new byte[Math.Min(length, most) + 1];
        private int _count;
        private bool _isWhole;

        public bool IsOpen => !_isWhole && _count <= most;

        public Memory<byte> Free => _bytes.AsMemory(_count);

        public void Add(int count)
        {
            _count += count;
            _isWhole = count == 0;
            if (_count == _bytes.Length && _count <= most)
                Array.Resize(ref _bytes, (int)Math.Min(most + 1, Math.Max(4096, 2L * _count)));
        }

        public byte[]? ToArray() => _isWhole ? _bytes[.._count] : null;
    }
}

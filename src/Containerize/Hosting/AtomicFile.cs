namespace Containerize.Hosting;

/// <summary>
/// A file that appears under its name whole or not at all: written beside it under a name of its own, then renamed.
/// Disposing without <see cref="Commit"/> leaves nothing behind.
/// </summary>
internal sealed class AtomicFile : IAsyncDisposable, IDisposable
{
    private const string Prefix = ".containerize-";
    private const string Suffix = ".tmp";
    private readonly string _temporary;
    private readonly long _expected;
    private bool _done;

    /// <summary>Starts writing in a folder, which is created.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="expected">
    /// Bytes that there will be at the most; 0 where that is unknown. Where they are told, a full disk is known at once, and ext4 need not
    /// find a place for all of them at the moment when the file replaces another one (its <c>auto_da_alloc</c>).
    /// </param>
    /// <exception cref="IOException">The folder cannot be written to, or the disk has no room.</exception>
    public AtomicFile(string folder, long expected = 0)
    {
        Folders.Create(folder);
        _expected = expected;
        _temporary = TemporaryIn(folder);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            Share = FileShare.None,
            BufferSize = 64 * 1024,
            Options = FileOptions.Asynchronous,
            PreallocationSize = expected,
        };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = Folders.FileMode;
        Stream = new FileStream(_temporary, options);
    }

    /// <summary>A path for a file that is being written.</summary>
    internal static string TemporaryIn(string folder) => Path.Combine(folder, Prefix + Path.GetRandomFileName() + Suffix);

    /// <summary>Whether a file is one that is being written, by any process.</summary>
    public static bool IsUnfinished(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith(Prefix, StringComparison.Ordinal)
            && name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Where the content goes.</summary>
    public FileStream Stream { get; }

    /// <summary>Writes a small file in one go.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var file = new AtomicFile(Path.GetDirectoryName(Path.GetFullPath(path))!, content.Length);
        await using (file.ConfigureAwait(false))
        {
            await file.Stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
            file.Commit(path);
        }
    }

    /// <summary>Writes a small file in one go.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        using var file = new AtomicFile(Path.GetDirectoryName(Path.GetFullPath(path))!, content.Length);
        file.Stream.Write(content);
        file.Commit(path);
    }

    /// <summary>Gives the file its name, in place of whatever has it.</summary>
    public void Commit(string path)
    {
        // What was asked for and is not needed lies behind the end.
        if (_expected > 0)
            Stream.SetLength(Stream.Position);
        Stream.Dispose();
        File.Move(_temporary, path, overwrite: true);
        _done = true;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_done)
            return;
        try
        {
            Stream.Dispose();
        }
        catch (IOException)
        {
            // On a full disk the last buffer cannot be written. Who gave up has said why already.
        }

        File.Delete(_temporary);
    }

    /// <summary>
    /// Removes what builds left in a folder that were killed while they wrote, a day ago or more: sooner, they may still run.
    /// </summary>
    public static void RemoveAbandoned(string folder, DateTimeOffset now)
    {
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles(Prefix + "*" + Suffix))
        {
            if (file.LastWriteTimeUtc < now.UtcDateTime.AddDays(-1))
                file.Delete();
        }
    }
}

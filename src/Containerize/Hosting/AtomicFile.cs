namespace Containerize.Hosting;

/// <summary>
/// A file that appears under its name whole or not at all: written beside it under a name of its own, then renamed.
/// Disposing without <see cref="Commit"/> leaves nothing behind.
/// </summary>
public sealed class AtomicFile : IAsyncDisposable
{
    private const string Prefix = ".containerize-";
    private const string Suffix = ".tmp";
    private readonly string _temporary;
    private bool _done;

    /// <summary>Starts writing in a folder, which is created.</summary>
    public AtomicFile(string folder)
    {
        Directory.CreateDirectory(folder);
        _temporary = Path.Combine(folder, Prefix + Path.GetRandomFileName() + Suffix);
        Stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 64 * 1024, FileOptions.Asynchronous);
    }

    /// <summary>Whether a file is one that is being written, by whoever.</summary>
    public static bool IsUnfinished(string path) =>
        Path.GetFileName(path) is var name && name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Where the content goes.</summary>
    public FileStream Stream { get; }

    /// <summary>Writes a small file in one go.</summary>
    public static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var file = new AtomicFile(Path.GetDirectoryName(Path.GetFullPath(path))!);
        await using (file.ConfigureAwait(false))
        {
            await file.Stream.WriteAsync(content, cancellationToken).ConfigureAwait(false);
            file.Commit(path);
        }
    }

    /// <summary>Gives the file its name, in place of whatever has it.</summary>
    public void Commit(string path)
    {
        Stream.Dispose();
        File.Move(_temporary, path, overwrite: true);
        _done = true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_done)
            return;
        try
        {
            await Stream.DisposeAsync().ConfigureAwait(false);
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

using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>
/// What was found out about layers, in a folder, a file for each layer by its digest: a base is read once on a machine and not for each
/// project and publish. Never needed for being right: what is missing or damaged is found out again.
/// </summary>
/// <remarks>
/// Any number of processes may use one folder at once: files appear whole, and the same name always means the same content.
/// </remarks>
internal sealed class LayerFacts
{
    // A base image lives as long between two of its updates, with room to spare.
    private static readonly TimeSpan MaxUnusedAge = TimeSpan.FromDays(90);

    // Bytes. More than the largest file that is ever written.
    private const long LargestFile = 1L << 30;

    private readonly string? _folder;
    private readonly string _fallback;
    private readonly int _version;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;
    private readonly WaitingBudget _patience;

    /// <summary>Uses two folders, which need not exist.</summary>
    /// <param name="folder">The folder of all projects; null where the machine has no place for it.</param>
    /// <param name="fallback">The folder that is used where that one cannot be written.</param>
    /// <param name="version">Of the files' format: those of other versions are not read.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="notice">Is told what is waited for.</param>
    /// <param name="patience">How long a build waits for others; null for one that does nothing else.</param>
    public LayerFacts(
        string? folder, string fallback, int version, TimeProvider clock, Action<string>? notice = null, WaitingBudget? patience = null)
    {
        _patience = patience ?? new WaitingBudget(clock);
        _notice = notice;
        _folder = folder;
        _fallback = fallback;
        _version = version;
        _clock = clock;
    }

    private IEnumerable<string> Folders => _folder is null ? [_fallback] : [_folder, _fallback];

    /// <summary>Whether something seems to be known of a layer.</summary>
    public bool Has(Digest layer) => Folders.Any(folder => File.Exists(Path.Combine(folder, NameOf(layer))));

    /// <summary>What is known of a layer; null where nothing is.</summary>
    /// <param name="layer">The layer's digest.</param>
    /// <param name="parse">Reads the file's bytes; null where they are damaged.</param>
    public T? Find<T>(Digest layer, Func<byte[], T?> parse)
        where T : class =>
            Folders.Select(folder => Read(Path.Combine(folder, NameOf(layer)), parse)).FirstOrDefault(found => found is not null);

    /// <summary>Waits until no other build on this machine reads the layer.</summary>
    public Task<FileLock> EnterAsync(Digest layer, CancellationToken cancellationToken) => FileLock.EnterAsync(
        _folder,
        layer.Hex,
        _patience,
        () => _notice?.Invoke($"Another build on this machine is reading the layer {layer} of the base image; waiting for it."),
        cancellationToken);

    /// <summary>Keeps what is known of a layer, and deletes what was not used for a long time.</summary>
    /// <exception cref="IOException">Neither folder can be written.</exception>
    /// <exception cref="UnauthorizedAccessException">Neither folder can be written.</exception>
    public async Task AddAsync(Digest layer, byte[] bytes, CancellationToken cancellationToken)
    {
        if (_folder is not null)
        {
            try
            {
                await AddAsync(_folder, layer, bytes, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // A home that is read only, another user's, or full: the build's own folder does.
            }
        }

        await AddAsync(_fallback, layer, bytes, cancellationToken).ConfigureAwait(false);
    }

    private string NameOf(Digest layer) => $"{layer.Hex}.v{_version}";

    // Of any version. A user may name a folder that has other files in it, which are none of our business.
    private static bool IsOurs(string name) => name.Split(".v") is [var digest, _] && Digest.TryParse("sha256:" + digest, out _);

    private async Task AddAsync(string folder, Digest layer, byte[] bytes, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, NameOf(layer));
        await AtomicFile.WriteAsync(path, bytes, cancellationToken).ConfigureAwait(false);
        FileUse.Mark(path, _clock.GetUtcNow());
        Tidy(folder);
    }

    private T? Read<T>(string path, Func<byte[], T?> parse)
        where T : class
    {
        try
        {
            if (!File.Exists(path) || parse(ReadAllBytes(path)) is not { } found)
                return null;
            FileUse.Mark(path, _clock.GetUtcNow());
            return found;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // Another user's, or just being removed.
        }
    }

    // Others may replace or remove it meanwhile.
    private static byte[] ReadAllBytes(string path)
    {
        using var file = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);
        if (file.Length > LargestFile)
            return [];
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void Tidy(string folder)
    {
        var now = _clock.GetUtcNow();
        try
        {
            AtomicFile.RemoveAbandoned(folder, now);
            foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
            {
                if (IsOurs(file.Name) && file.LastAccessTimeUtc < (now - MaxUnusedAge).UtcDateTime)
                    file.Delete();
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another build tidies up at the same moment, or another user has files here.
        }
    }
}

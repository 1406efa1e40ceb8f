using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Caches;

/// <summary>
/// Layers of base images as registries serve them, in a folder for all projects of a user: what several need is fetched once, also where
/// they need it at the same moment. Never needed for being right.
/// </summary>
/// <remarks>
/// Any number of processes may use one folder at once: files appear whole, and the same name always means the same bytes.
/// </remarks>
internal sealed class SharedLayers
{
    /// <summary>Bytes. Beyond that, those that were not used for the longest time go.</summary>
    public const long LargestTotal = 4L << 30;

    // A build that uses a layer may open it again.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(1);

    // A base image lives about as long between two of its updates.
    private static readonly TimeSpan MaxUnusedAge = TimeSpan.FromDays(30);

    private readonly string? _folder;
    private readonly BlobFolder _blobs;
    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;
    private readonly WaitingBudget _patience;
    private readonly CacheLimits _limits;

    /// <summary>Uses a folder, which need not exist.</summary>
    /// <param name="folder">The folder; null where the machine has no place for it: then every layer is fetched when it is needed.</param>
    /// <param name="clock">Tells what is old.</param>
    /// <param name="notice">Is told what is waited for.</param>
    /// <param name="patience">How long a build waits for others; null for one that does nothing else.</param>
    /// <param name="largestTotal">Bytes that may lie there.</param>
    public SharedLayers(
        string? folder, TimeProvider clock, Action<string>? notice = null, WaitingBudget? patience = null, long largestTotal = LargestTotal)
    {
        _patience = patience ?? new WaitingBudget(clock);
        _notice = notice;
        _folder = folder;
        _blobs = new BlobFolder(folder ?? "");
        _clock = clock;
        _limits = new CacheLimits(MaxUnusedAge, largestTotal, InUse: LongestBuild);
    }

    /// <summary>The same layer, from the folder where it is there.</summary>
    /// <param name="layer">A layer that has to be fetched.</param>
    /// <param name="keep">
    /// Whether it comes to lie there when it is opened, because it will be needed again; otherwise its bytes go from where they come to
    /// where they are needed without touching the disk.
    /// </param>
    public ILayer Share(ILayer layer, bool keep) => Share(layer, keep, keep);

    /// <summary>The same layer, from the folder where it is there.</summary>
    /// <param name="layer">A layer that has to be fetched.</param>
    /// <param name="keep">Whether it comes to lie there when it is opened to be written or sent.</param>
    /// <param name="keepRead">Whether it comes to lie there when it is opened by <see cref="OpenToReadAsync"/>.</param>
    public ILayer Share(ILayer layer, bool keep, bool keepRead) =>
        _folder is null || layer.Descriptor.IsForeign ? layer : new SharedLayer(this, layer, keep, keepRead);

    /// <summary>Opens a layer to look at what is in it.</summary>
    /// <param name="layer">A layer, whether it is shared or not.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<Stream> OpenToReadAsync(ILayer layer, CancellationToken cancellationToken) =>
        layer is SharedLayer shared ? shared.OpenToReadAsync(cancellationToken) : layer.OpenAsync(cancellationToken);

    private async Task<Stream> OpenAsync(ILayer layer, bool keep, CancellationToken cancellationToken)
    {
        if (await FindAsync(layer, cancellationToken).ConfigureAwait(false) is { } known)
            return known;
        if (!keep)
            return await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        using var turn = await FileLock.EnterAsync(
            _folder,
            layer.Descriptor.Digest.Hex,
            _patience,
            () => _notice?.Invoke($"Another build on this machine is fetching the layer {layer.Descriptor.Digest}; waiting for it."),
            cancellationToken).ConfigureAwait(false);
        if (await FindAsync(layer, cancellationToken).ConfigureAwait(false) is { } fetched)
            return fetched;
        try
        {
            await FetchAsync(layer, cancellationToken).ConfigureAwait(false);
            return await new FileLayer(_blobs.PathOf(layer.Descriptor.Digest), layer.Descriptor, layer.DiffId)
                .OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The disk is full, or not ours. A connection that breaks is another exception.
            return await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Before it is given out, besides while it is read: a damaged file is then fetched again, and no reader has any of its bytes yet.
    private async Task<Stream?> FindAsync(ILayer layer, CancellationToken cancellationToken)
    {
        try
        {
            return await _blobs.OpenAsync(layer.Descriptor.Digest, layer.Descriptor.Size, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private async Task FetchAsync(ILayer layer, CancellationToken cancellationToken)
    {
        var file = _blobs.CreateFile();
        await using (file.ConfigureAwait(false))
        {
            var content = await layer.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
                await content.CopyToAsync(file.Stream, cancellationToken).ConfigureAwait(false);
            file.Commit(_blobs.PathOf(layer.Descriptor.Digest));
        }

        Tidy(layer.Descriptor.Digest.Hex);
    }

    private void Tidy(string current)
    {
        try
        {
            _limits.Tidy(_folder!, name => Digest.TryParse("sha256:" + name, out _), current, _clock.GetUtcNow(), _blobs.Delete);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another build tidies up at the same moment, or another user has files here.
        }
    }

    private sealed class SharedLayer(SharedLayers folder, ILayer layer, bool keep, bool keepRead) : ILayer
    {
        public Descriptor Descriptor => layer.Descriptor;

        public Digest DiffId => layer.DiffId;

        public BlobSource? Source => layer.Source;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) => folder.OpenAsync(layer, keep, cancellationToken);

        public Task<Stream> OpenToReadAsync(CancellationToken cancellationToken) => folder.OpenAsync(layer, keepRead, cancellationToken);
    }
}

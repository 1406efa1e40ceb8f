using System.Text.Json;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Stores;
using Containerize.Stores.Layout;

namespace Containerize.Tasks;

/// <summary>
/// How the steps of a build hand the image on: below <c>obj</c>, the compressed layers in one folder for all builds of the project, and for
/// each plan an OCI layout without layers. Steps of one process hand on in memory (<see cref="StepState"/>), and read what is here where
/// others have run in another one. Two builds of one project may run at once, so each plan has its own.
/// </summary>
internal sealed class ImageFolder
{
    private const string BuildsFolder = "builds";
    private const string BaseTag = "base";
    private const string ImageTag = "image";
    private const string SymbolsTag = "symbols";

    // What was left by builds longer ago is of no use to one that still runs.
    private static readonly TimeSpan LongestBuild = TimeSpan.FromHours(1);

    private readonly string _folder;
    private readonly string _build;
    private readonly StepState _steps;

    /// <summary>Uses a folder for the layers and, named after the plan, one for its documents.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="planPath">The plan's file.</param>
    /// <param name="steps">What earlier steps in this process have left.</param>
    public ImageFolder(string folder, string planPath, StepState steps)
    {
        _steps = steps;
        _folder = folder;
        _build = Path.Combine(folder, BuildsFolder, Path.GetFileNameWithoutExtension(planPath));
    }

    /// <summary>The compressed layers.</summary>
    public LayerCache Layers => new(Path.Combine(_folder, "blobs"));

    /// <summary>What the checks of this plan have found.</summary>
    public RecordedFindings Findings => new(Path.Combine(_build, "findings"));

    /// <summary>Where images of engines and unpacked archives lie that the project builds on.</summary>
    public string Bases => Path.Combine(_folder, "bases");

    /// <summary>Where the steps of one build read its plan: a name that follows from its content.</summary>
    public static string PlanPathOf(string folder, ReadOnlySpan<byte> plan) =>
        Path.Combine(folder, BuildsFolder, Digest.Of(plan).Hex[..16] + ".json");

    /// <summary>
    /// Reads the plan of a step before. The name that the steps give it tells whether it is still what they have written.
    /// </summary>
    /// <exception cref="IOException">It is not, or cannot be read.</exception>
    public static async Task<ImagePlan> ReadPlanAsync(string path, CancellationToken cancellationToken)
    {
        var content = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
        var isNamed = Path.GetFileName(Path.GetDirectoryName(path)) == BuildsFolder;
        if (isNamed && Path.GetFileName(PlanPathOf("", content)) != Path.GetFileName(path))
            throw new IOException($"'{path}' is not what this build has written there: another program has changed it");
        try
        {
            return PlanFile.Read(content);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or NotSupportedException
            or ArgumentException or OverflowException)
        {
            throw new IOException($"'{path}' is no plan that this version can read", e);
        }
    }

    public Task WriteBaseAsync(Image image, CancellationToken cancellationToken)
    {
        _steps.Base = image;
        return WriteAsync(image, BaseTag, cancellationToken);
    }

    public Task WriteImageAsync(Image image, CancellationToken cancellationToken)
    {
        _steps.Image = image;
        return WriteAsync(image, ImageTag, cancellationToken);
    }

    public Task WriteSymbolsAsync(Image image, CancellationToken cancellationToken)
    {
        _steps.Symbols = image;
        return WriteAsync(image, SymbolsTag, cancellationToken);
    }

    public async Task<Image> ReadBaseAsync(ImagePlan plan, BuiltLayers layers, CancellationToken cancellationToken) =>
        _steps.Base ?? await ReadAsync(BaseTag, 0, plan, layers, cancellationToken).ConfigureAwait(false);

    public async Task<Image> ReadImageAsync(ImagePlan plan, BuiltLayers layers, CancellationToken cancellationToken) =>
        _steps.Image ?? await ReadAsync(ImageTag, plan.Layers.Count, plan, layers, cancellationToken).ConfigureAwait(false);

    public async Task<Image> ReadSymbolsAsync(ImagePlan plan, BuiltLayers layers, CancellationToken cancellationToken) =>
        _steps.Symbols ?? await ReadAsync(SymbolsTag, 1, plan, layers, cancellationToken).ConfigureAwait(false);

    /// <summary>Removes the layers and plans of earlier builds.</summary>
    public void Tidy(IEnumerable<Image> images, DateTimeOffset now)
    {
        Layers.KeepOnly(images.SelectMany(image => image.Layers).Select(layer => layer.Descriptor.Digest), now - LongestBuild);
        TidyDocuments(now - LongestBuild);
        foreach (var old in new DirectoryInfo(Path.GetDirectoryName(_build)!).EnumerateFileSystemInfos())
        {
            if (Path.GetFileNameWithoutExtension(old.Name) == Path.GetFileName(_build)
                || old.LastWriteTimeUtc >= (now - LongestBuild).UtcDateTime)
                continue;
            if (old is DirectoryInfo directory)
                directory.Delete(recursive: true);
            else
                old.Delete();
        }
    }

    // A plan says which files there are, not what is in them: with every change, the same plan has another image.
    private void TidyDocuments(DateTimeOffset usedSince)
    {
        var left = Directory.GetFiles(Path.Combine(_build, "blobs", "sha256")).ToList();
        var told = File.ReadAllText(Path.Combine(_build, "index.json"));
        while (left.Find(file => told.Contains(Path.GetFileName(file), StringComparison.Ordinal)) is { } used)
        {
            left.Remove(used);
            told += File.ReadAllText(used);
        }

        foreach (var file in left.Where(file => File.GetLastWriteTimeUtc(file) < usedSince.UtcDateTime))
            File.Delete(file);
    }

    private Task WriteAsync(Image image, string tag, CancellationToken cancellationToken) =>
        new OciLayout(_build).WriteAsync(ImageSet.Of(image), new ImageNames("containerize", [tag]), withLayers: false, cancellationToken);

    // The last ones are the image's own: they are in the cache, or were taken over from what the destination had.
    private async Task<Image> ReadAsync(string tag, int own, ImagePlan plan, BuiltLayers layers, CancellationToken cancellationToken)
    {
        try
        {
            var image = await new OciLayout(_build)
                .ReadAsync(tag, (descriptor, diffId, _) => new Listed(descriptor, diffId), cancellationToken).ConfigureAwait(false)
                ?? throw new IOException($"The step before has left no whole '{tag}' in '{_build}'");
            return new Image(
                image.Manifest,
                image.Config,
                [.. image.Layers.Select((layer, i) => LayerOf(plan, layers, layer, i >= image.Layers.Count - own))]);
        }
        catch (FormatException e)
        {
            throw new IOException(e.Message, e);
        }
    }

    private ILayer LayerOf(ImagePlan plan, BuiltLayers layers, ILayer listed, bool isOwn)
    {
        var (descriptor, diffId) = (listed.Descriptor, listed.DiffId);
        if (Layers.PathOf(descriptor.Digest) is var path && File.Exists(path))
            return new FileLayer(path, descriptor, diffId, isReplaceable: true);
        return isOwn ? layers.Previous.LayerOf(plan, descriptor, diffId) : layers.Base.LayerOf(plan, descriptor, diffId);
    }

    private sealed record Listed(Descriptor Descriptor, Digest DiffId) : ILayer
    {
        public BlobSource? Source => null;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}

/// <summary>Where layers are whose bytes are not in the project's cache.</summary>
/// <param name="Base">Those of the base image.</param>
/// <param name="Previous">Those that were taken over from what the destination had.</param>
internal sealed record BuiltLayers(BaseResolver Base, PreviousImages Previous);

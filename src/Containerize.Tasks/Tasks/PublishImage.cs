using System.Text;
using Containerize.Building;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Images → destinations, and the report of it.</summary>
[MSBuildMultiThreadableTask]
public sealed class PublishImage : ContainerizeTask
{
    private const string SymbolsReport = "image.symbols";

    /// <summary>
    /// The plans of the images, one for each platform; <c>Folder</c> is where the steps before left the image, <c>CheckFound</c> has the
    /// codes of what <see cref="BuildImage"/> has found.
    /// </summary>
    [Required]
    public ITaskItem[] Images { get; set; } = [];

    /// <summary>Where digest, image id and names are written, a file each.</summary>
    [Required]
    public string ReportFolder { get; set; } = "";

    /// <summary>The archive that was written, if one was.</summary>
    [Output]
    public string? GeneratedArchiveOutputPath { get; set; }

    /// <summary>The names under which the image can be had, with their tags.</summary>
    [Output]
    public ITaskItem[] GeneratedNames { get; set; } = [];

    /// <summary>The JSON of the index of several platforms; null for one.</summary>
    [Output]
    public string? GeneratedIndex { get; set; }

    /// <summary>The digest that the names stand for: of the index, or of the one manifest.</summary>
    [Output]
    public string? GeneratedDigest { get; set; }

    /// <summary>The media type of the same.</summary>
    [Output]
    public string? GeneratedMediaType { get; set; }

    /// <summary>The files that were written below <c>obj</c>.</summary>
    [Output]
    public ITaskItem[] ReportFiles { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plans = new List<ImagePlan>();
        foreach (var item in Images)
            plans.Add(
                BuildContext.Of(BuildEngine).StepsOf(item.ItemSpec).Plan
                    ?? await ImageFolder.ReadPlanAsync(item.ItemSpec, cancellationToken).ConfigureAwait(false));
        var settings = plans[0].Registries;
        var session = OpenSession(settings);
        // Where the platforms were built in other processes, those do not know of -warnaserror.
        if (IsAnyAnError(Images.SelectMany(item => item.GetMetadata("CheckFound").Split(',', StringSplitOptions.RemoveEmptyEntries))))
            return;
        await WithinAsync(settings, token => PublishAsync(session, plans, token), cancellationToken).ConfigureAwait(false);
    }

    private ImageFolder FolderOf(ITaskItem item) =>
        new(item.GetMetadata("Folder"), item.ItemSpec, BuildContext.Of(BuildEngine).StepsOf(item.ItemSpec));

    private async Task PublishAsync(BuildSession session, IReadOnlyList<ImagePlan> plans, CancellationToken cancellationToken)
    {
        var built = new List<(ImagePlan Plan, Image Image)>();
        var symbols = new List<(ImagePlan Plan, Image Image)>();
        foreach (var (item, read) in Images.Zip(plans))
        {
            var folder = FolderOf(item);
            var image = await folder.ReadImageAsync(read, LayersIn(session, folder), cancellationToken).ConfigureAwait(false);
            built.Add((read, image));
            if (read.Symbols is not null)
                symbols.Add(
                    (read, await folder.ReadSymbolsAsync(read, LayersIn(session, folder), cancellationToken).ConfigureAwait(false)));
        }

        var plan = built[0].Plan;
        var images = Together(built);
        var ofIndex = plan.Annotations.Where(annotation => annotation.Scope == AnnotationScope.Index).ToList();
        if (!images.IsIndex && ofIndex.Count > 0)
        {
            var names = Names([.. ofIndex.Select(annotation => annotation.Name)]);
            Tell($"{plan.Name}: one platform has no index, and so nothing carries the annotations of Scope=\"Index\": {names}.");
        }

        // High: a tag that stays where it is would else look like one that was forgotten.
        var publisher = new ImagePublisher(
            session.Registries,
            session.Tagged,
            session.Processes,
            notice => Tell($"{plan.Name}: {notice}."));
        if (symbols.Count > 0)
        {
            var beside = SymbolsImage.Plan(plan, plan.Destinations);
            await publisher.CheckTagsAsync(beside, Together(symbols), beside.Destinations, cancellationToken).ConfigureAwait(false);
        }

        var arrivals = await publisher.PublishAsync(plan, images, plan.Destinations, cancellationToken).ConfigureAwait(false);
        await PublishSymbolsAsync(
            publisher, plan, symbols.Count > 0 ? Together(symbols) : null, arrivals, cancellationToken).ConfigureAwait(false);
        // The Terminal Logger shows the last message of this form in place of the path of the build's output.
        foreach (var arrival in arrivals)
            Tell($"{plan.Name} -> {arrival.Line}");
        await ReportAsync(images, built, arrivals, cancellationToken).ConfigureAwait(false);
    }

    private static ImageSet Together(List<(ImagePlan Plan, Image Image)> images) =>
        images.Count == 1 ? ImageSet.Of(images[0].Image) : ImageSet.Of(ImageIndexBuilder.Build(images));

    private async Task PublishSymbolsAsync(
        ImagePublisher publisher,
        ImagePlan plan,
        ImageSet? symbols,
        IReadOnlyList<PublishedTo> arrivals,
        CancellationToken cancellationToken)
    {
        if (symbols is null)
        {
            // An earlier publish's would be taken for this one's.
            if (Path.Combine(ReportFolder, SymbolsReport) is var stale && File.Exists(stale))
                File.Delete(stale);
            return;
        }

        var digest = symbols.Root.Descriptor.Digest;
        var beside = SymbolsImage.Plan(plan, arrivals.Select(arrival => arrival.Destination));
        var published = await publisher.PublishAsync(beside, symbols, beside.Destinations, cancellationToken).ConfigureAwait(false);
        foreach (var arrival in published)
            Tell($"{plan.Name} (symbols) -> {arrival.Line}");
        await ReportAsync(SymbolsReport, References(published, digest), cancellationToken).ConfigureAwait(false);
    }

    private static List<string> References(IReadOnlyList<PublishedTo> arrivals, Digest digest) =>
        [.. arrivals.SelectMany(arrival => arrival.Names).Distinct().Select(name => $"{name}@{digest}")];

    private async Task ReportAsync(
        ImageSet images,
        IReadOnlyList<(ImagePlan Plan, Image Image)> built,
        IReadOnlyList<PublishedTo> arrivals,
        CancellationToken cancellationToken)
    {
        var digest = images.Root.Descriptor.Digest;
        (GeneratedDigest, GeneratedMediaType) = (digest.ToString(), images.Root.MediaType);
        GeneratedIndex = images.IsIndex ? Encoding.UTF8.GetString(images.Root.Content.Span) : null;
        GeneratedArchiveOutputPath = arrivals.FirstOrDefault(
            arrival => arrival.Destination.Kind == DestinationKind.Archive)?.Destination.Target;
        GeneratedNames = [.. arrivals.SelectMany(arrival => arrival.Names).Distinct().Select(name => new TaskItem(name))];
        await ReportAsync("image.digest", [digest.ToString()], cancellationToken).ConfigureAwait(false);
        await ReportAsync(
            "image.id", [.. images.Configs.Select(config => config.Descriptor.Digest.ToString())], cancellationToken).ConfigureAwait(false);
        await ReportAsync(
            "image.platforms",
            [.. built.Select(image => $"{image.Plan.Platform} {image.Image.Manifest.Document.Descriptor.Digest}")],
            cancellationToken).ConfigureAwait(false);
        await ReportAsync("image.references", References(arrivals, digest), cancellationToken).ConfigureAwait(false);
    }

    private async Task ReportAsync(string name, IReadOnlyList<string> lines, CancellationToken cancellationToken)
    {
        var path = Path.Combine(ReportFolder, name);
        await AtomicFile.WriteAsync(
            path, Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))), cancellationToken).ConfigureAwait(false);
        ReportFiles = [.. ReportFiles, new TaskItem(path)];
    }
}

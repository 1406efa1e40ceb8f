using Containerize.Building;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Image → destinations, and the report of it.</summary>
[MSBuildMultiThreadableTask]
public sealed class PublishImage : ImageTask
{
    /// <summary>Where digest, image id and names are written, a file each.</summary>
    [Required]
    public string ReportFolder { get; set; } = "";

    /// <summary>The archive that was written, if one was.</summary>
    [Output]
    public string? GeneratedArchiveOutputPath { get; set; }

    /// <summary>The names under which the image can be had, with their tags.</summary>
    [Output]
    public ITaskItem[] GeneratedNames { get; set; } = [];

    /// <summary>The files that were written below <c>obj</c>.</summary>
    [Output]
    public ITaskItem[] ReportFiles { get; set; } = [];

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        var session = OpenSession();
        var image = await Folder.ReadImageAsync(plan, ResolverIn(session), cancellationToken).ConfigureAwait(false);
        var digest = image.Manifest.Document.Descriptor.Digest;

        var arrivals = await new ImagePublisher(session.Registries, Processes).PublishAsync(plan, image, plan.Destinations, cancellationToken).ConfigureAwait(false);
        // The Terminal Logger shows the last message of this form in place of the path of the build's output.
        foreach (var arrival in arrivals)
            Log.LogMessage(MessageImportance.High, "{0} -> {1}", plan.Name, Describe(arrival, digest));

        GeneratedArchiveOutputPath = arrivals.FirstOrDefault(arrival => arrival.Kind == DestinationKind.Archive)?.Target;
        var names = arrivals.SelectMany(arrival => arrival.Names).Distinct().ToList();
        GeneratedNames = [.. names.Select(name => new TaskItem(name))];
        await ReportAsync("image.digest", digest.ToString(), cancellationToken).ConfigureAwait(false);
        await ReportAsync("image.id", image.Config.Document.Descriptor.Digest.ToString(), cancellationToken).ConfigureAwait(false);
        await ReportAsync("image.references", string.Join('\n', names.Select(name => $"{name}@{digest}")), cancellationToken).ConfigureAwait(false);
    }

    private static string Describe(Arrival arrival, Digest digest)
    {
        var first = $"{arrival.Names[0]}@{digest}";
        var others = arrival.Names.Count > 1 ? $" (also {string.Join(", ", arrival.Names.Skip(1).Select(TagOf))})" : "";
        return arrival.Kind switch
        {
            DestinationKind.Registry => first + others,
            DestinationKind.Engine => $"{arrival.Names[0]}{others} in {arrival.Target}",
            _ => $"{arrival.Target} ({first}){others}{(arrival.Note is null ? "" : "; " + arrival.Note)}",
        };
    }

    private static string TagOf(string name) => name[(name.LastIndexOf(':') + 1)..];

    private async Task ReportAsync(string name, string content, CancellationToken cancellationToken)
    {
        var path = Path.Combine(ReportFolder, name);
        await AtomicFile.WriteAsync(path, System.Text.Encoding.UTF8.GetBytes(content + "\n"), cancellationToken).ConfigureAwait(false);
        ReportFiles = [.. ReportFiles, new TaskItem(path)];
    }
}

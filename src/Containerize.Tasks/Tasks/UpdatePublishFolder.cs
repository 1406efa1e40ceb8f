using System.Text;
using Containerize.Images;
using Containerize.Planning.Published;
using Containerize.Planning.Settings;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Publish items → publish folder without what earlier publishes with an image left there, and a record of it.</summary>
[MSBuildMultiThreadableTask]
public sealed class UpdatePublishFolder : ContainerizeTask
{
    /// <summary>The project's name.</summary>
    [Required]
    public string ProjectName { get; set; } = "";

    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The publish folder's full path.</summary>
    [Required]
    public string PublishDirectory { get; set; } = "";

    /// <summary>Where the records of this project lie, one for each publish folder, for all configurations and frameworks.</summary>
    [Required]
    public string RecordFolder { get; set; } = "";

    /// <summary><c>@(ResolvedFileToPublish)</c>.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>The static assets that the SDK copies, with their <c>TargetPath</c>.</summary>
    public ITaskItem[] StaticAssets { get; set; } = [];

    /// <summary>Paths of files that the SDK generates in the publish folder, and that are no items.</summary>
    public string[] GeneratedFiles { get; set; } = [];

    /// <summary>What went into a single-file program, where the SDK has not said what it left beside it; empty otherwise.</summary>
    public ITaskItem[] BundledFiles { get; set; } = [];

    /// <summary><c>IncludeNativeLibrariesForSelfExtract</c>.</summary>
    public string? BundlesNatives { get; set; }

    /// <summary><c>IncludeAllContentForSelfExtract</c>.</summary>
    public string? BundlesAll { get; set; }

    /// <summary><c>IncludeSymbolsInSingleFile</c>.</summary>
    public string? BundlesSymbols { get; set; }

    /// <summary>Companions of a single-file program that the SDK had deleted, and that are there again.</summary>
    [Output]
    public ITaskItem[] RestoredFiles { get; set; } = [];

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var bundle = new BundleRules(
            ProjectItems.IsTrue(BundlesNatives), ProjectItems.IsTrue(BundlesAll), ProjectItems.IsTrue(BundlesSymbols));
        RestoredFiles = [.. BundledFiles.Where(item => bundle.IsBeside(PathOf(item)) && Restore(item)).Select(item => new TaskItem(item))];
        if (RestoredFiles.Length > 0)
        {
            var restored = Names([.. RestoredFiles.Select(RelativePathOf)]);
            Inform($"{restored}: copied beside the single-file program, from where the SDK had deleted it.");
        }

        var published = RestoredFiles.Concat(Files).Select(item => KeyValuePair.Create(RelativePathOf(item), PathOf(item)))
            .Concat(StaticAssets.Select(item => KeyValuePair.Create(item.GetMetadata("TargetPath").Replace('\\', '/'), PathOf(item))))
            .Where(file => file.Key.Length > 0);
        var updated = PublishFolderUpdate.Run(PublishDirectory, RecordPath(), published, GeneratedFiles);
        if (updated.Deleted.Count > 0)
            Inform($"Deleted from the publish folder, where an earlier publish with an image had put it: {Names(updated.Deleted)}.");
        if (updated.Replaced.Count > 0)
            Inform($"Copied anew, since the publish folder had an earlier version with a later time: {Names(updated.Replaced)}.");
        if (updated.Edited.Count > 0)
        {
            var edited = Names(updated.Edited);
            Tell($"{ProjectName}: changed in the publish folder after the build had copied it, and in the image as changed: {edited}.");
        }

        return Task.CompletedTask;
    }

    private bool Restore(ITaskItem item)
    {
        var target = Path.Combine(PublishDirectory, RelativePathOf(item));
        if (Path.Exists(target) || !Directory.Exists(PublishDirectory))
            return false;
        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        File.Copy(PathOf(item), target);
        return true;
    }

    private string RecordPath() =>
        Path.Combine(RecordFolder, Digest.Of(Encoding.UTF8.GetBytes($"{ProjectFile}\n{PublishDirectory}")).Hex[..16] + ".txt");

    private string PathOf(ITaskItem item) => ProjectItems.FullPath(item.ItemSpec, ProjectDirectory);

    private static string RelativePathOf(ITaskItem item) => item.GetMetadata("RelativePath").Replace('\\', '/');
}

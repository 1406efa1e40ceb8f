using Containerize.Hosting;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Gives the publish folder back what <see cref="SetPublishFolderAside"/> took and copying would make again, so that it need not.</summary>
[MSBuildMultiThreadableTask]
public sealed class TakePublishedFilesBack : ContainerizeTask
{
    /// <summary>The project's folder.</summary>
    [Required]
    public string ProjectDirectory { get; set; } = "";

    /// <summary>The publish folder's full path.</summary>
    [Required]
    public string PublishDirectory { get; set; } = "";

    /// <summary>Where it is meanwhile.</summary>
    [Required]
    public string AsideDirectory { get; set; } = "";

    /// <summary><c>@(ResolvedFileToPublish)</c>.</summary>
    public ITaskItem[] Files { get; set; } = [];

    /// <summary>
    /// The list of the static assets that were published the last time: which there are now is computed later, and then those that are none any more,
    /// or come from elsewhere, are removed. Empty where that does not happen.
    /// </summary>
    public string? StaticAssetsPath { get; set; }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var aside = new FolderAside(PublishDirectory, AsideDirectory);
        var assets = File.Exists(StaticAssetsPath) ? File.ReadAllLines(StaticAssetsPath) : [];
        var count = aside.TakeBack(Files.Select(file => KeyValuePair.Create(
            file.GetMetadata("RelativePath"), Path.GetFullPath(file.ItemSpec.Replace('\\', Path.DirectorySeparatorChar), ProjectDirectory))), assets);

        // Taking things away takes as long as all of the rest. Whoever sets the folder aside the next time finds what is left.
        AtBuildEnd.Wait(BuildEngine, System.Threading.Tasks.Task.Run(aside.Drop, CancellationToken.None));
        Trace($"{count} of {Files.Length + assets.Length} published files are as they were.");
        return Task.CompletedTask;
    }
}

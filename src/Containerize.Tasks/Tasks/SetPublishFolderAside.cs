using Containerize.Hosting;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Empties the publish folder; what was in it may come back (<see cref="TakePublishedFilesBack"/>).</summary>
[MSBuildMultiThreadableTask]
public sealed class SetPublishFolderAside : ContainerizeTask
{
    /// <summary>The publish folder's full path.</summary>
    [Required]
    public string PublishDirectory { get; set; } = "";

    /// <summary>Where it is meanwhile.</summary>
    [Required]
    public string AsideDirectory { get; set; } = "";

    /// <summary>Where the project's steps keep their files.</summary>
    [Required]
    public string ImageFolderPath { get; set; } = "";

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var isOurs = await PublishFolderTurn.TakeAsync(
            BuildEngine,
            ImageFolderPath,
            Clock,
            () => Tell($"Another publish of this project fills '{PublishDirectory}'. Waiting until it has built its image."),
            cancellationToken).ConfigureAwait(false);
        if (!isOurs)
        {
            throw new ContainerizeException(
                ErrorCodes.PublishFolderNotEmptied,
                $"Another publish of this project has been filling the publish folder '{PublishDirectory}' for ten minutes, and is not done. Wait for it, or end it; or give each a folder of its own with --output.");
        }

        try
        {
            new FolderAside(PublishDirectory, AsideDirectory).Set();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ContainerizeException(
                ErrorCodes.PublishFolderNotEmptied,
                $"The publish folder '{PublishDirectory}', or what an earlier publish has left of it in '{AsideDirectory}', could not be deleted: {e.Message.TrimEnd('.')}. End what runs from it or has its files open, and check who may write there; or name a folder of your own with --output, which is never emptied.",
                e);
        }
    }
}

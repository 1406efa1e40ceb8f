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

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
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

        return Task.CompletedTask;
    }
}

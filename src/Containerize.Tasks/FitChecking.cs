using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;

namespace Containerize.Tasks;

/// <summary>Looks for what will not work in an image, and records it for the next build.</summary>
internal sealed class FitChecking(ImagePlan plan, string planPath, ImageFolder folder, IImage baseImage, TimeProvider clock)
{
    private Digest? _key;

    /// <summary>What was found before, if nothing has changed since that is looked at; null otherwise.</summary>
    public async Task<IReadOnlyList<Finding>?> RecordedAsync(CancellationToken cancellationToken)
    {
        _key = RecordedFindings.KeyOf(
            plan, await File.ReadAllBytesAsync(planPath, cancellationToken).ConfigureAwait(false), baseImage.Manifest.Document.Descriptor.Digest, clock.GetUtcNow());
        return _key is { } recorded ? await folder.Findings.FindAsync(recorded, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Looks, after <see cref="RecordedAsync"/> has found nothing.</summary>
    /// <param name="image">The image.</param>
    /// <param name="readBaseFiles">Reads the base's files.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Finding>> LookAsync(IImage image, Func<Task<ImageTree>> readBaseFiles, CancellationToken cancellationToken)
    {
        try
        {
            var findings = FitCheck.Run(plan, image.Config, await readBaseFiles().ConfigureAwait(false));
            if (_key is { } looked)
                await folder.Findings.WriteAsync(looked, findings, cancellationToken).ConfigureAwait(false);
            return findings;
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return
            [
                new Finding(
                    ErrorCodes.BaseNotChecked,
                    $"Whether the application fits the base image '{plan.BaseImage}' could not be checked, because its files could not be read: {e.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'."),
            ];
        }
    }
}

using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;

namespace Containerize.Tasks;

/// <summary>Looks for what will not work in an image, and records it for the next build.</summary>
internal sealed class FitChecking(ImagePlan plan, string planPath, ImageFolder folder, IImage baseImage, TimeProvider clock)
{
    // Files that were written just now are told by their content; that must not become another answer while the image is sent.
    private readonly DateTimeOffset _now = clock.GetUtcNow();

    private Digest? _key;

    /// <summary>Whether it can be told later whether what would be looked at now is still the same.</summary>
    public bool CanWait => _key is not null;

    /// <summary>What was found before, if nothing has changed since that is looked at; null otherwise.</summary>
    public async Task<IReadOnlyList<Finding>?> RecordedAsync(CancellationToken cancellationToken)
    {
        _key = await KeyAsync(cancellationToken).ConfigureAwait(false);
        return _key is { } recorded ? await folder.Findings.FindAsync(recorded, cancellationToken).ConfigureAwait(false) : null;
    }

    /// <summary>Looks, after <see cref="RecordedAsync"/> has found nothing.</summary>
    /// <param name="image">The image.</param>
    /// <param name="readBaseFiles">Reads the base's files.</param>
    /// <param name="hasWaited">Whether somebody may have changed the published files since the image was built.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Finding>> LookAsync(IImage image, Func<Task<ImageTree>> readBaseFiles, bool hasWaited, CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings;
        try
        {
            findings = FitCheck.Run(plan, image.Config, await readBaseFiles().ConfigureAwait(false));
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return [NotChecked($", because its files could not be read: {e.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'.")];
        }

        if (hasWaited && await KeyAsync(cancellationToken).ConfigureAwait(false) != _key)
            return [NotChecked(", because the published files were changed while the image was sent. Publish again, without another publish of the project at the same time.")];
        if (_key is { } looked)
            await folder.Findings.WriteAsync(looked, findings, cancellationToken).ConfigureAwait(false);
        return findings;
    }

    private async Task<Digest?> KeyAsync(CancellationToken cancellationToken) => RecordedFindings.KeyOf(
        plan, await File.ReadAllBytesAsync(planPath, cancellationToken).ConfigureAwait(false), baseImage.Manifest.Document.Descriptor.Digest, _now);

    private Finding NotChecked(string why) => new(ErrorCodes.BaseNotChecked, $"Whether the application fits the base image '{plan.BaseImage}' could not be checked{why}");
}

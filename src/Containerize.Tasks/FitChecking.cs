using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;

namespace Containerize.Tasks;

/// <summary>Looks for what will not work in an image, and records it for the next build.</summary>
internal sealed class FitChecking
{
    private readonly ImagePlan _plan;
    private readonly byte[] _planFile;
    private readonly RecordedFindings _findings;
    private readonly IImage _baseImage;

    // Files that were written just now are told by their content; that must not become another answer while the image is sent.
    private readonly DateTimeOffset _now;

    private readonly Digest? _key;

    private FitChecking(ImagePlan plan, byte[] planFile, RecordedFindings findings, IImage baseImage, DateTimeOffset now)
    {
        (_plan, _planFile, _findings, _baseImage, _now) = (plan, planFile, findings, baseImage, now);
        _key = Key();
    }

    /// <summary>Whether it can be told later whether what would be looked at now is still the same.</summary>
    public bool CanWait => _key is not null;

    /// <summary>Notes what there is to be looked at now.</summary>
    public static async Task<FitChecking> BeginAsync(
        ImagePlan plan, string planPath, ImageFolder folder, IImage baseImage, TimeProvider clock, CancellationToken cancellationToken) =>
        new(plan, await File.ReadAllBytesAsync(planPath, cancellationToken).ConfigureAwait(false), folder.Findings, baseImage, clock.GetUtcNow());

    /// <summary>What was found before, if nothing has changed since that is looked at; null otherwise.</summary>
    public async Task<IReadOnlyList<Finding>?> RecordedAsync(CancellationToken cancellationToken) =>
        _key is { } recorded ? await _findings.FindAsync(recorded, cancellationToken).ConfigureAwait(false) : null;

    /// <summary>Looks, and records what is found.</summary>
    /// <param name="image">The image.</param>
    /// <param name="readBaseFiles">Reads the files of the base that it is given.</param>
    /// <param name="hasWaited">Whether somebody may have changed the published files since the image was built.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlyList<Finding>> LookAsync(IImage image, Func<IImage, Task<ImageTree>> readBaseFiles, bool hasWaited, CancellationToken cancellationToken)
    {
        IReadOnlyList<Finding> findings;
        try
        {
            findings = FitCheck.Run(_plan, image.Config, await readBaseFiles(_baseImage).ConfigureAwait(false));
        }
        catch (Exception e) when (e is ContainerizeException or InvalidDataException or IOException or UnauthorizedAccessException)
        {
            return [NotChecked($", because its files could not be read: {e.Message.TrimEnd('.')}. Try again, or set ContainerChecks to 'None'.")];
        }

        if (hasWaited && Key() != _key)
            return [NotChecked(", because the published files were changed while the image was sent. Publish again, without another publish of the project at the same time.")];
        if (_key is { } looked)
            await _findings.WriteAsync(looked, findings, cancellationToken).ConfigureAwait(false);
        return findings;
    }

    private Digest? Key() => RecordedFindings.KeyOf(_plan, _planFile, _baseImage.Manifest.Document.Descriptor.Digest, _now);

    private Finding NotChecked(string why) => new(ErrorCodes.BaseNotChecked, $"Whether the application fits the base image '{_plan.BaseImage}' could not be checked{why}");
}

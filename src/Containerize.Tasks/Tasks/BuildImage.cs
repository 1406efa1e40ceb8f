using System.Text;
using Containerize.Building;
using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;
using Containerize.Planning;
using Containerize.Stores.Registry;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Plan and base image → image: its layers are built, and it is checked. Nothing has been published yet.</summary>
[MSBuildMultiThreadableTask]
public sealed class BuildImage : ImageTask
{
    /// <summary>Whether the image is one of several for different platforms, so that messages have to say which.</summary>
    public bool IsOneOfSeveral { get; set; }

    /// <summary>The codes of what the check has found, with commas between.</summary>
    [Output]
    public string Found { get; set; } = "";

    /// <summary>The manifest's JSON.</summary>
    [Output]
    public string? GeneratedManifest { get; set; }

    /// <summary>The config's JSON.</summary>
    [Output]
    public string? GeneratedConfiguration { get; set; }

    /// <summary>The manifest's digest.</summary>
    [Output]
    public string? GeneratedDigest { get; set; }

    /// <summary>The manifest's media type.</summary>
    [Output]
    public string? GeneratedMediaType { get; set; }

    /// <summary>The config's digest: what engines call the image id.</summary>
    [Output]
    public string? GeneratedImageId { get; set; }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken cancellationToken)
    {
        var plan = await ReadPlanAsync(cancellationToken).ConfigureAwait(false);
        var session = OpenSession(plan.Registries);
        var baseImage = await Folder.ReadBaseAsync(plan, LayersIn(session), cancellationToken).ConfigureAwait(false);
        WarnOfLostEntrypoint(plan, baseImage.Config.Entrypoint, baseImage.Config.Command);
        if (baseImage.Config.BuildTriggers is { Count: > 0 } triggers)
        {
            var list = ErrorText.List(triggers, separator: "; ");
            Inform($"The base image's ONBUILD instructions are not run and not in the image, since only 'docker build' runs them: {list}.");
        }


        ImageTree? baseFiles = null;
        PreviousImage? previous = null;
        await WithinAsync(
            plan.Registries,
            async token =>
            {
                // Where nothing depends on them, the same comes of it without.
                baseFiles = plan.NeedsBaseFiles ? await ReadBaseFilesAsync(plan, baseImage, token).ConfigureAwait(false) : null;
                previous = await session.Previous.FindAsync(plan, token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        var builder = new ImageBuilder(new LayerBuilder(Folder.Layers, Environment.ProcessorCount, previous, plan.Compression))
        {
            Check = plan.Checks == CheckSeverity.None ? null : config => CheckAsync(plan, baseImage, previous, config, cancellationToken),
        };
        var (image, placement) = await builder.BuildAsync(
            plan,
            baseImage,
            baseFiles,
            TellOfLayer,
            cancellationToken).ConfigureAwait(false);
        var format = MediaTypes.FormatOf(image.Manifest.Document.MediaType);
        WarnOfLostSettings(plan, baseImage, format);
        WarnOfNothingRemoved(plan, placement);
        await Folder.WriteImageAsync(image, cancellationToken).ConfigureAwait(false);
        var symbols = await builder.BuildSymbolsAsync(plan, baseFiles, format, cancellationToken).ConfigureAwait(false);
        if (symbols is not null)
            await Folder.WriteSymbolsAsync(symbols, cancellationToken).ConfigureAwait(false);
        Steps.Files?.RefuseChanges();
        Folder.Tidy(symbols is null ? [image] : [image, symbols], DateTimeOffset.UtcNow);

        GeneratedManifest = Encoding.UTF8.GetString(image.Manifest.Document.Content.Span);
        GeneratedConfiguration = Encoding.UTF8.GetString(image.Config.Document.Content.Span);
        GeneratedDigest = image.Manifest.Document.Descriptor.Digest.ToString();
        GeneratedMediaType = image.Manifest.Document.MediaType;
        GeneratedImageId = image.Config.Document.Descriptor.Digest.ToString();
    }

    private async Task<string?> CheckAsync(
        ImagePlan plan, Image baseImage, PreviousImage? previous, ImageConfig config, CancellationToken cancellationToken)
    {
        var check = new FitCheckRun(plan, Path.GetFileNameWithoutExtension(PlanPath), baseImage, Folder.Findings, Clock.GetUtcNow())
        {
            IsForWarnings = plan.Checks == CheckSeverity.Warn && !IsAnyAnError(ErrorCodes.OfChecks),
            BaseIsKnown = Steps.BaseFiles is not null || OpenContents().AreKnown(baseImage),
        };
        FitResult? result = null;
        await WithinAsync(
            plan.Registries,
            async token => result = await check.RunAsync(
                config,
                () => ReadBaseFilesAsync(plan, baseImage, token),
                async () => previous is null ? null : await previous.FindLabelAsync(FitLabel.Name, token).ConfigureAwait(false),
                token).ConfigureAwait(false),
            cancellationToken).ConfigureAwait(false);
        TellOfSource(plan, result!.Source);
        Found = string.Join(',', result.Findings.Select(finding => finding.Code).Distinct());
        Report(plan, result.Findings, IsOneOfSeveral);
        return result.Label;
    }

    private void TellOfLayer(string name, ILayer layer)
    {
        var origin = layer.Source is null ? "" : ", as the destination has it";
        Inform($"Layer '{name}': {layer.Descriptor.Digest}, {layer.Descriptor.Size} bytes{origin}.");
    }

    private void TellOfSource(ImagePlan plan, FitSource source)
    {
        if (source == FitSource.Record)
            Trace("Nothing has changed that the check looks at: what it found then counts.");
        else if (source == FitSource.Label)
            Inform(
                $"The files of the base image were not fetched for the check: the image at the destination was made from the same inputs.");
        else if (source == FitSource.None)
            Tell($"{plan.Name}: the fit was not checked: this machine does not have the base's files, and ContainerGenerateLabels is off.");
    }

    private void WarnOfNothingRemoved(ImagePlan plan, Placement placement)
    {
        foreach (var path in placement.NotThere)
        {
            Warn(
                ErrorCodes.RemovedPathMissing,
                $"{path} is to be removed from the base image '{plan.BaseImage}', which does not have it. Check the path; "
                    + "if newer versions of the base come without it, there is nothing left to remove.");
        }
    }

    private void WarnOfLostEntrypoint(ImagePlan plan, IReadOnlyList<string>? entrypoint, IReadOnlyList<string>? command)
    {
        if (plan.Config.Command.Resolve(entrypoint, command).ReplacesBaseEntrypoint)
        {
            Warn(
                ErrorCodes.BaseEntrypointReplaced,
                $"The base image '{plan.BaseImage}' has the entrypoint '{string.Join(' ', entrypoint!)}', which the application's "
                    + "command replaces. Set ContainerAppCommandInstruction to 'DefaultArgs' to keep it, or to 'Entrypoint' to say "
                    + "that it is replaced.");
        }
    }

    private void WarnOfLostSettings(ImagePlan plan, Image baseImage, ImageFormat format)
    {
        if (format == ImageFormat.Docker)
        {
            if (plan.Annotations.Count > 0)
                Warn(
                    ErrorCodes.FormatLosesSettings,
                    "The image has the Docker format, which knows no annotations: the ContainerAnnotation items are left out. "
                        + "Set ContainerImageFormat to 'OCI', or use ContainerLabel.");
            return;
        }

        // A base's check that is lost because the project asks for OCI is lost on purpose.
        var isLost = plan.Config.Healthcheck is { } own
            ? !own.IsNone
            : plan.Format is null && baseImage.Config.HasHealthcheck
            && MediaTypes.FormatOf(baseImage.Manifest.Document.MediaType) == ImageFormat.Docker;
        if (!isLost)
            return;
        var (why, remedy) = plan switch
        {
            { Format: not null } => ("", "Set ContainerImageFormat to 'Docker'"),
            { Compression.Method: CompressionMethod.Zstd } =>
                (", because Docker's cannot hold layers that are compressed with zstd", "Remove ContainerCompression"),
            _ when plan.Destinations.Any(destination => destination.IsForOciTools) =>
                (
                    ", because OCI tools find no other in a layout or an archive",
                    "Set ContainerImageFormat to 'Docker' where podman alone reads it"),
            { Annotations.Count: > 0 } => (", because it has annotations", "Remove the ContainerAnnotation items"),
            _ => (", because Docker's cannot hold the base's layers", "Choose another base"),
        };
        Warn(
            ErrorCodes.FormatLosesSettings,
            $"The image has a health check and the OCI format{why}: Docker uses it, podman does not. "
                + $"{remedy}, or have the orchestrator check.");
    }
}

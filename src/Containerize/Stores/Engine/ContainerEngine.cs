using System.Text;
using System.Text.Json;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Stores.Archive;

namespace Containerize.Stores.Engine;

/// <summary>An image that an engine holds.</summary>
/// <param name="Id">What the engine calls it by: a digest, or its digits alone.</param>
/// <param name="Platform">What it is made for.</param>
internal sealed record EngineImage(string Id, Platform Platform);

/// <summary>
/// A container engine of this machine, through its own command line: contexts, DOCKER_HOST and rootless set-ups are its
/// business and then just work.
/// </summary>
internal sealed class ContainerEngine
{
    // Characters. A message is read by people.
    private const int MaxErrorChars = 600;

    // For an image of some gigabytes and a slow disk.
    private static readonly TimeSpan MaxTransferTime = TimeSpan.FromHours(1);

    private readonly IProcessRunner _processes;
    private readonly string _program;
    private readonly EngineCommands _questions;
    private readonly DockerStore? _store;

    private ContainerEngine(IProcessRunner processes, string program, TimeProvider clock)
    {
        _processes = processes;
        _program = program;
        _questions = new EngineCommands(processes, program, clock);
        _store = program == "docker" ? new DockerStore(_questions) : null;
    }

    /// <summary>The engines that are known, by the names that <c>LocalRegistry</c> takes, in the order in which they are asked.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Docker", "Podman", "Nerdctl"];

    /// <summary>The engine's name, as in <see cref="Names"/>.</summary>
    public string Name => Names.First(name => name.Equals(_program, StringComparison.OrdinalIgnoreCase));

    /// <summary>The engine's program.</summary>
    public string Program => _program;

    /// <summary>The engine with a name from <see cref="Names"/>, whether or not it answers.</summary>
    /// <param name="processes">Runs its program.</param>
    /// <param name="name">The name.</param>
    /// <param name="clock">Tells when an answer is overdue; the system's if null.</param>
    public static ContainerEngine Named(IProcessRunner processes, string name, TimeProvider? clock = null) =>
        new(processes, name.ToLowerInvariant(), clock ?? TimeProvider.System);

    /// <summary>Runs ahead what <see cref="FindAsync"/> runs first.</summary>
    /// <param name="processes">Runs its program.</param>
    /// <param name="name">A name from <see cref="Names"/>; empty for whichever answers.</param>
    /// <param name="image">The names of the image that it will load.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task PrefetchAsync(PrefetchedCommands processes, string name, ImageNames image, CancellationToken cancellationToken) =>
        name is "" or "Docker"
            ? processes.PrefetchAsync(
                new ProgramCall("docker", DockerStore.QuestionFor(image), EngineCommands.Patience), cancellationToken)
            : Task.CompletedTask;

    /// <summary>The first engine that answers; null where none does.</summary>
    /// <param name="processes">Runs its program.</param>
    /// <param name="names">Names from <see cref="Names"/>.</param>
    /// <param name="image">The names of the image that it will load.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <param name="clock">Tells when an answer is overdue; the system's if null.</param>
    /// <exception cref="ContainerizeException">
    /// One is there and hangs (CTZ5001). The next one is not asked: it is not the one that is meant.
    /// </exception>
    public static async Task<ContainerEngine?> FindAsync(
        IProcessRunner processes,
        IEnumerable<string> names,
        ImageNames image,
        CancellationToken cancellationToken,
        TimeProvider? clock = null)
    {
        foreach (var name in names)
        {
            var engine = Named(processes, name, clock);
            if (await engine.AnswersAsync(image, cancellationToken).ConfigureAwait(false))
                return engine;
        }

        return null;
    }

    /// <summary>Looks an image up.</summary>
    /// <param name="location">The base image as the plan names it, for errors.</param>
    /// <param name="name">What the engine calls it: a name or an id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">The engine does not answer, or has no such image (CTZ2008).</exception>
    public async Task<EngineImage> InspectAsync(string location, string name, CancellationToken cancellationToken)
    {
        try
        {
            return await FindImageAsync(location, name, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw BaseImageErrors.Unusable(location, e.Message, $"Restart {Name}, or name the image in its registry, without the prefix.");
        }
    }

    /// <summary>Writes an image to a file, which must not exist yet, in Docker's form of archive.</summary>
    /// <exception cref="ContainerizeException">The engine does not do it (CTZ2008).</exception>
    public async Task SaveAsync(string location, EngineImage image, string path, CancellationToken cancellationToken)
    {
        var outcome = await TransferAsync(
            new ProgramCall(_program, ["save", "--output", path, image.Id], MaxTransferTime), cancellationToken).ConfigureAwait(false);
        if (outcome is not { ExitCode: 0 } || !File.Exists(path))
            throw BaseImageErrors.Unusable(
                location, $"'{_program} save' did not write it{Said(outcome)}", $"Check that {Name} works, and the space on the disk.");
    }

    /// <summary>Loads an image: no more of it than the engine has to have, where that is known since it was found.</summary>
    /// <param name="images">The image.</param>
    /// <param name="names">The names that it was found with.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerizeException">The engine does not take it (CTZ5002).</exception>
    public async Task LoadAsync(ImageSet images, ImageNames names, CancellationToken cancellationToken)
    {
        if (_store is not null)
        {
            var image = ImageArchive.ForThisMachine(images);
            if (_store.Has(image))
                return;
            var needed = await WithinLimitAsync(() => _store.NeededAsync(image, cancellationToken)).ConfigureAwait(false);
            // What it had may have been removed meanwhile: then it says so, and nothing has been loaded.
            if (needed is not null && images.Layers.Any(layer => !needed.Contains(layer.Descriptor.Digest))
                && await LoadAsync(images, names, needed, cancellationToken).ConfigureAwait(false) is { ExitCode: 0 })
                return;
        }

        var outcome = await LoadAsync(images, names, null, cancellationToken).ConfigureAwait(false);
        if (outcome is { ExitCode: 0 })
            return;
        throw new ContainerizeException(
            ErrorCodes.EngineLoadFailed,
            $"'{_program} load' did not accept the image {names.WithTags.First()}{Said(outcome)}. "
                + $"Check that {Name} works and has space left, or write an archive with ContainerArchiveOutputPath instead.");
    }

    private async Task<EngineImage> FindImageAsync(string location, string name, CancellationToken cancellationToken)
    {
        var outcome = await _questions.AskAsync(["image", "inspect", name], cancellationToken).ConfigureAwait(false);
        if (outcome is null)
            throw BaseImageErrors.Unusable(
                location,
                $"there is no program '{_program}' on this machine",
                $"Install {Name}, or name the image in its registry, without the prefix.");
        if (outcome.ExitCode == 0)
        {
            return Read(outcome.Output)
                ?? throw BaseImageErrors.Unusable(
                    location, $"'{_program} image inspect' answered something that is not understood", $"Check the version of {Name}.");
        }

        throw await AnswersAsync(cancellationToken).ConfigureAwait(false)
            ? BaseImageErrors.Unusable(location, $"{Name} has no image '{name}'", $"Get it with '{_program} pull {name}', or build it.")
            : BaseImageErrors.Unusable(
                location,
                $"'{_program} version' does not answer on this machine{Said(outcome)}",
                $"Start {Name}, or name the image in its registry, without the prefix.");
    }

    private Task<ProcessOutcome?> LoadAsync(
        ImageSet images, ImageNames names, IReadOnlySet<Digest>? layers, CancellationToken cancellationToken) =>
        TransferAsync(
            new ProgramCall(
                _program,
                ["load"],
                MaxTransferTime) { WriteInput = (input, token) => ImageArchive.WriteAsync(images, names, input, layers, token) },
            cancellationToken);

    // One that takes too long has failed like one that says why.
    private async Task<ProcessOutcome?> TransferAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await _processes.RunAsync(call, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            return new ProcessOutcome(-1, "", e.Message);
        }
    }

    private Task<bool> AnswersAsync(ImageNames image, CancellationToken cancellationToken) => WithinLimitAsync(async () =>
        (_store is null ? null : await _store.AnswersAsync(image, cancellationToken).ConfigureAwait(false))
        ?? await AnswersAsync(cancellationToken).ConfigureAwait(false));

    // `version` asks the daemon, where there is one, and fails without it.
    private async Task<bool> AnswersAsync(CancellationToken cancellationToken) =>
        await _questions.AskAsync(["version"], cancellationToken).ConfigureAwait(false) is { ExitCode: 0 };

    private async Task<T> WithinLimitAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask().ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new ContainerizeException(
                ErrorCodes.EngineMissing,
                $"The image should be loaded into {Name}, but {e.Message}. Restart {Name}, choose another engine "
                    + $"({string.Join(", ", Names)}) with LocalRegistry, or set ContainerRegistry or ContainerArchiveOutputPath.",
                e);
        }
    }

    // The end of what it said: that is where programs say what is wrong.
    private static string Said(ProcessOutcome? outcome)
    {
        var said = string.Join(
            ' ', (outcome?.Error ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeLast(3));
        if (said.Length > MaxErrorChars)
            said = "… " + said[^MaxErrorChars..];
        return said.Length > 0 ? ": " + said.TrimEnd('.') : "";
    }

    // A list with one image, alike in all three. Podman's ids lack the algorithm.
    private static EngineImage? Read(string json)
    {
        try
        {
            var image = Json.ParseArray(Encoding.UTF8.GetBytes(json)).EnumerateArray().FirstOrDefault();
            if (image.ValueKind != JsonValueKind.Object)
                return null;
            var id = image.RequiredString("Id");
            var variant = image.OptionalString("Variant") is { Length: > 0 } some ? some : null;
            return Digest.TryParse(id, out _) || Digest.TryParse("sha256:" + id, out _)
                ? new EngineImage(
                    id,
                    new Platform(image.RequiredString("Os"), image.RequiredString("Architecture"), variant))
                : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

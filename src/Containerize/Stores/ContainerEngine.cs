using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Stores;

/// <summary>
/// A container engine of this machine, through its own command line: contexts, DOCKER_HOST and rootless set-ups are its
/// business and then just work.
/// </summary>
public sealed class ContainerEngine
{
    private readonly IProcessRunner _processes;
    private readonly string _program;

    private ContainerEngine(IProcessRunner processes, string program)
    {
        _processes = processes;
        _program = program;
    }

    /// <summary>The engines that are known, by the names that <c>LocalRegistry</c> takes, in the order in which they are asked.</summary>
    public static IReadOnlyList<string> Names { get; } = ["Docker", "Podman", "Nerdctl"];

    /// <summary>The engine's name, as in <see cref="Names"/>.</summary>
    public string Name => Names.First(name => name.Equals(_program, StringComparison.OrdinalIgnoreCase));

    /// <summary>The engine's program.</summary>
    public string Program => _program;

    /// <summary>The first engine that answers; null where none does.</summary>
    /// <param name="processes">Runs its program.</param>
    /// <param name="names">Names from <see cref="Names"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task<ContainerEngine?> FindAsync(IProcessRunner processes, IEnumerable<string> names, CancellationToken cancellationToken)
    {
        foreach (var name in names)
        {
            var program = name.ToLowerInvariant();
            // `version` asks the daemon, where there is one, and fails without it.
            var answer = await processes.RunAsync(program, ["version"], null, cancellationToken).ConfigureAwait(false);
            if (answer is { ExitCode: 0 })
                return new ContainerEngine(processes, program);
        }

        return null;
    }

    /// <summary>Loads an image.</summary>
    /// <exception cref="ContainerizeException">The engine does not take it (CTZ5002).</exception>
    public async Task LoadAsync(ImageSet images, ImageNames names, CancellationToken cancellationToken)
    {
        var outcome = await _processes.RunAsync(
            _program,
            ["load"],
            (input, token) => ImageArchive.WriteAsync(images, names, input, token),
            cancellationToken).ConfigureAwait(false);
        if (outcome is { ExitCode: 0 })
            return;
        var said = string.Join(' ', (outcome?.Error ?? "").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).TakeLast(3));
        throw new ContainerizeException(
            ErrorCodes.EngineLoadFailed,
            $"'{_program} load' did not accept the image {names.WithTags.First()}{(said.Length > 0 ? ": " + said.TrimEnd('.') : "")}. Check that {Name} works and has space left, or write an archive with ContainerArchiveOutputPath instead.");
    }
}

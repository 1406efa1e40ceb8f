using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd.Support;

/// <summary>
/// Projects that are published twice as they are: with the .NET SDK's own PublishContainer, and with Containerize added. Each is built
/// once on each side; what varies is said on the command line.
/// </summary>
/// <remarks>All of it runs in this process, both sides alike; SdkParityTests compares two processes.</remarks>
public sealed class SideBySide : IDisposable
{
    private const string Theirs = "theirs";
    private readonly Lazy<Task<Workspace>> _workspace = new(CreateAsync);
    private readonly ConcurrentDictionary<string, Task> _built = new(StringComparer.Ordinal);

    /// <summary>Publishes a project to the registry twice; the configs may differ where the docs say so, and nowhere else.</summary>
    /// <param name="project">The project's folder.</param>
    /// <param name="baseImage">The base.</param>
    /// <param name="build">What the build has to know too, such as a runtime identifier.</param>
    /// <param name="options">What only the publish has to know.</param>
    public async Task<Pair> PushAsync(string project, string baseImage, string[] build, params string[] options)
    {
        var registry = Testbed.Get(Server.Registry);
        var pair = new Pair($"{registry}/{Workspace.UniqueName(Theirs)}", $"{registry}/{Workspace.UniqueName("ours")}");
        string[] to = [$"-p:ContainerBaseImage={baseImage}", $"-p:ContainerRegistry={registry}"];
        await PublishAsync(
            project,
            build,
            [.. options, .. to, $"-p:ContainerRepository={pair.Theirs[(registry.Length + 1)..]}"],
            [.. options, .. to, $"-p:ContainerRepository={pair.Ours[(registry.Length + 1)..]}"]);

        var tag = options.Any(option => option.StartsWith("-p:ContainerImageTag", StringComparison.Ordinal)) ? "1.0" : "latest";
        var (theirs, ours) = (await RemoteImage.GetAsync($"{pair.Theirs}:{tag}"), await RemoteImage.GetAsync($"{pair.Ours}:{tag}"));
        // That each is whose it should be.
        Assert.Equal(".NET SDK", (string?)theirs.Config["history"]!.AsArray()[^1]!["author"]);
        Assert.NotEmpty(ours.OwnLayers);
        Assert.Empty(ConfigDifferences.Find(theirs.Config, ours.Config).Except(ConfigDifferences.Documented()));
        return pair with { Tag = tag, Config = ours.Config["config"]! };
    }

    /// <summary>Publishes a project twice, with other options on either side.</summary>
    public async Task PublishAsync(string project, string[] build, string[] theirs, string[] ours)
    {
        var workspace = await _workspace.Value;
        await _built.GetOrAdd(string.Join(' ', build.Prepend(project)), _ => BuildAsync(workspace, project, build));
        await RunAsync(workspace, Theirs, ["publish", project, "--no-build", .. build, .. theirs]);
        await RunAsync(workspace, workspace.Folder, ["publish", project, "--no-build", .. build, .. ours]);
    }

    /// <summary>The full path of something beside the two sides.</summary>
    public async Task<string> PathOfAsync(params string[] parts) => (await _workspace.Value).Sandbox.PathOf([.. parts]);

    /// <summary>Starts both images in Docker, which must say the same.</summary>
    /// <returns>What they say.</returns>
    public static async Task<string> RunAsync(Pair pair, params string[] arguments)
    {
        var said = new List<string>();
        foreach (var image in new[] { pair.Theirs, pair.Ours })
            said.Add(
                (await Engine.Docker.RunAsync(["run", "--rm", "--network=none", $"{image}:{pair.Tag}", .. arguments]))
                    .EnsureSuccess().StandardOutput);
        Assert.Equal(said[0], said[1]);
        return said[1];
    }

    public void Dispose()
    {
        if (_workspace.IsValueCreated && _workspace.Value.IsCompletedSuccessfully)
            _workspace.Value.Result.Dispose();
    }

    private static async Task<Workspace> CreateAsync()
    {
        var workspace = await Workspace.CreateAsync("options");
        workspace.AddAssets(Theirs);
        foreach (var side in new[] { Theirs, workspace.Folder })
        {
            foreach (var (path, text) in OptionProjects.Files)
                workspace.Sandbox.Write($"{side}/{path}", text);
        }

        return workspace;
    }

    private static async Task BuildAsync(Workspace workspace, string project, string[] build)
    {
        foreach (var side in new[] { Theirs, workspace.Folder })
            await RunAsync(workspace, side, ["build", project, "-c", "Release", .. build]);
    }

    private static async Task RunAsync(Workspace workspace, string side, string[] arguments)
    {
        string[] all = side == Theirs ? [.. arguments, "-p:WithoutContainerize=true"] : arguments;
        var environment = new Dictionary<string, string?> { ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = Testbed.Get(Server.Registry) };
        // To restore without the framework and build with it takes a process.
        var result = arguments[0] == "build" && arguments.Contains("--framework")
            ? await workspace.Sandbox.DotnetAsync(all, environment, side)
            : await workspace.Sandbox.DotnetInProcessAsync(all, environment, side);
        result.EnsureSuccess();
    }

    /// <summary>One project's two images.</summary>
    /// <param name="Theirs">The SDK's, without its tag.</param>
    /// <param name="Ours">Containerize's, without its tag.</param>
    public sealed record Pair(string Theirs, string Ours)
    {
        /// <summary>The tag of both.</summary>
        public string Tag { get; init; } = "latest";

        /// <summary>The <c>config</c> of ours' config.</summary>
        public JsonNode Config { get; init; } = new JsonObject();
    }
}

using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Bases as other tools leave them in folders, files and engines.</summary>
public sealed class SourceTests
{
    // What makes the base of one in the registry, as a command line; FILE is where it goes. Then how it is named, and the command
    // that tells its config's digest.
    public static TheoryData<string, string, string> Made => new()
    {
        { "skopeo oci", "copy docker://BASE oci:FILE:10.0", "oci:FILE:10.0" },
        { "skopeo oci without a name", "copy docker://BASE oci:FILE", "oci:FILE" },
        { "skopeo oci-archive", "copy docker://BASE oci-archive:FILE:10.0", "oci-archive:FILE:10.0" },
        { "skopeo docker-archive", "copy docker://BASE docker-archive:FILE:team/runtime:10.0", "docker-archive:FILE:team/runtime:10.0" },
        { "docker save", "save --output FILE BASE", "docker-archive:FILE" },
        { "podman save", "save --output FILE BASE", "docker-archive:FILE:BASE" },
        { "podman save oci-archive", "save --format oci-archive --output FILE BASE", "oci-archive:FILE:BASE" },
    };

    [RequiresTheory(Server.Docker, Server.Podman, Server.Skopeo, Server.Registry, Server.BaseRuntime)]
    [MemberData(nameof(Made))]
    public async Task A_base_that_another_tool_has_written(string tool, string commandLine, string location)
    {
        using var workspace = await Workspace.CreateAsync("source");
        var runtime = Testbed.Get(Server.BaseRuntime);
        var file = workspace.PathOf("base file"); // With a space.
        if (tool.StartsWith("skopeo", StringComparison.Ordinal))
            (await workspace.Sandbox.RunAsync(Testbed.Get(Server.Skopeo), Arguments(commandLine))).EnsureSuccess();
        else
            await RunAsync(Engine.Named(tool.Split(' ')[0]), ["pull", runtime], Arguments(commandLine));

        var published = await PublishAndRunAsync(
            workspace, location.Replace("FILE", file, StringComparison.Ordinal).Replace("BASE", runtime, StringComparison.Ordinal));

        // The same content, however it came here.
        var image = await RemoteImage.GetAsync(published.References[0].Split('@')[0]);
        var below = await RemoteImage.GetAsync(runtime);
        var diffIds = below.Config["rootfs"]!["diff_ids"]!.AsArray().Select(id => (string)id!).ToList();
        Assert.Equal(diffIds, image.Config["rootfs"]!["diff_ids"]!.AsArray().Take(diffIds.Count).Select(id => (string)id!));
        Assert.Null(image.Config["config"]!["Labels"]!["org.opencontainers.image.base.name"]);
        // skopeo copies the registry's bytes to a layout.
        if (tool.StartsWith("skopeo oci", StringComparison.Ordinal))
            Assert.Equal(below.Layers, image.Layers.Take(diffIds.Count));

        string[] Arguments(string line) =>
            [.. line.Split(' ').Select(
                argument => argument.Replace("FILE", file, StringComparison.Ordinal).Replace("BASE", runtime, StringComparison.Ordinal))];
    }

    [RequiresTheory(Server.Docker, Server.Podman, Server.Registry, Server.BaseRuntime)]
    [InlineData("docker")]
    [InlineData("podman")]
    public async Task A_base_that_an_engine_holds(string name)
    {
        using var workspace = await Workspace.CreateAsync("daemon");
        var engine = Engine.Named(name);
        var runtime = Testbed.Get(Server.BaseRuntime);
        var own = Workspace.UniqueName("base") + ":1";
        await RunAsync(engine, ["pull", runtime], ["tag", runtime, own]);
        workspace.Sandbox.Environment["PATH"] = engine.Folder + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");

        var first = await PublishAndRunAsync(workspace, $"{name}-daemon:{own}");
        var image = await RemoteImage.GetAsync(first.References[0].Split('@')[0]);
        Assert.Equal("docker.io/" + own, (string?)image.Config["config"]!["Labels"]!["org.opencontainers.image.base.name"]);
        Assert.Null(image.Config["config"]!["Labels"]!["org.opencontainers.image.base.digest"]);

        // The same id: nothing is saved again, and the image is the same.
        var bases = Directory.GetLastWriteTimeUtc(
            Path.Combine(Directory.GetDirectories(Path.Combine(first.IntermediateFolder, "containerize", "bases")).Single(), "blobs"));
        var second = await PublishAndRunAsync(workspace, $"{name}-daemon:{own}");
        Assert.Equal(first.Digest, second.Digest);
        Assert.Equal(
            bases,
            Directory.GetLastWriteTimeUtc(
                Path.Combine(Directory.GetDirectories(Path.Combine(first.IntermediateFolder, "containerize", "bases")).Single(), "blobs")));
        await RunAsync(engine, ["rmi", own]);

        var missing = await workspace.TryPublishAsync("HelloConsole", $"-p:ContainerBaseImage={name}-daemon:{own}");
        Assert.Contains(
            $"error CTZ2008: The base image '{name}-daemon:{own}' cannot be used: {char.ToUpperInvariant(name[0])}{name[1..]} has no "
                + $"image '{own}'. Get it with '{name} pull {own}', or build it.",
            missing.Output,
            StringComparison.Ordinal);
    }

    [RequiresTheory(Server.Docker, Server.Skopeo, Server.Registry, Server.BaseAspNetMulti)]
    [InlineData("oci")]
    [InlineData("oci-archive")]
    public async Task A_base_for_several_platforms(string prefix)
    {
        using var workspace = await Workspace.CreateAsync("multi");
        var layout = workspace.PathOf("layout");
        (
            await workspace.Sandbox.RunAsync(
                Testbed.Get(Server.Skopeo),
                ["copy", "--all", $"docker://{Testbed.Get(Server.BaseAspNetMulti)}", $"{prefix}:{layout}:10.0"])).EnsureSuccess();

        await PublishAndRunAsync(workspace, $"{prefix}:{layout}");

        var repository = Workspace.UniqueName("multi");
        await workspace.PublishAsync(
            "HelloConsole", [.. Workspace.To(
                Testbed.Get(Server.Registry), repository, $"{prefix}:{layout}:10.0"), "-p:ContainerRuntimeIdentifier=linux-arm64"]);
        Assert.Equal(
            "arm64", (string?)(await RemoteImage.GetAsync(Testbed.Get(Server.Registry), repository, "latest")).Config["architecture"]);

        var missing = await workspace.TryPublishAsync(
            "HelloConsole", $"-p:ContainerBaseImage={prefix}:{layout}", "-p:ContainerRuntimeIdentifier=linux-s390x");
        Assert.Contains("error CTZ2002", missing.Output, StringComparison.Ordinal);
    }

    [RequiresFact(Server.Docker, Server.Registry, Server.BaseRuntime)]
    public async Task What_docker_has_built_is_a_base()
    {
        using var workspace = await Workspace.CreateAsync("built");
        var engine = Engine.Docker;
        var own = Workspace.UniqueName("built") + ":1";
        await RunAsync(engine, ["pull", Testbed.Get(Server.BaseRuntime)]);
        // Two images that share layers, in one archive.
        foreach (var (tag, text) in new[] { (own, "one"), (own + ".2", "two") })
        {
            var container = (await engine.RunAsync("create", Testbed.Get(Server.BaseRuntime))).EnsureSuccess().StandardOutput.Trim()
                .Split('\n')[^1];
            workspace.Sandbox.Write($"src/{text}.txt", text);
            await RunAsync(
                engine,
                ["cp", workspace.PathOf(text + ".txt"), container + ":/etc/greeting"],
                ["commit", container, tag],
                ["rm", container]);
        }

        var archive = workspace.PathOf("built.tar");
        await RunAsync(engine, ["save", "--output", archive, own, own + ".2"]);

        var published = await PublishAndRunAsync(workspace, $"docker-archive:{archive}:{own}.2");
        var files = await RemoteImage.GetAsync(published.References[0].Split('@')[0]);
        await files.ExtractAsync("etc/greeting", workspace.PathOf("greeting"));
        Assert.Equal("two", await File.ReadAllTextAsync(workspace.PathOf("greeting")));

        var ambiguous = await workspace.TryPublishAsync("HelloConsole", $"-p:ContainerBaseImage=docker-archive:{archive}");
        Assert.Contains(
            $"error CTZ2008: The base image 'docker-archive:{archive}' cannot be used: there are several images for linux/",
            ambiguous.Output,
            StringComparison.Ordinal);
        Assert.Matches($@"with a ':' between them: ({own}, {own}\.2|{own}\.2, {own})\.", ambiguous.Output);
        await RunAsync(engine, ["rmi", own, own + ".2"]);
    }

    // Publishes to the registry, looks at what is there, and starts it.
    private static async Task<Workspace.Published> PublishAndRunAsync(Workspace workspace, string location)
    {
        var repository = Workspace.UniqueName("source");
        var published = await workspace.PublishAsync("HelloConsole", Workspace.To(Testbed.Get(Server.Registry), repository, location));
        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(Testbed.Get(Server.Registry), repository, "latest"),
            new ImageValidationOptions { OwnLayers = 1 });
        var said = (
            await Engine.Docker.RunAsync(
                "run", "--rm", "--network=none", $"{Testbed.Get(Server.Registry)}/{repository}:latest", "Ada")).EnsureSuccess();
        Assert.Contains("Ada", said.StandardOutput, StringComparison.Ordinal);
        await Engine.Docker.RunAsync("rmi", "-f", $"{Testbed.Get(Server.Registry)}/{repository}:latest");
        return published;
    }

    private static async Task RunAsync(Engine engine, params string[][] commands)
    {
        foreach (var command in commands)
            (await engine.RunAsync(command)).EnsureSuccess();
    }
}

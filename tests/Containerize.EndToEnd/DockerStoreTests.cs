using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>
/// How much a real Docker is given of an image, by what it has already. Between the two lies a program that notes what passes.
/// </summary>
public sealed class DockerStoreTests
{
    private const long Little = 1 << 20;

    [RequiresFact(Server.Docker, Server.BaseRuntime)]
    public async Task What_it_has_is_not_sent()
    {
        using var workspace = await Workspace.CreateAsync("lacks");
        var (repository, sibling) = (Workspace.UniqueName("lacks"), Workspace.UniqueName("lacks-sibling"));
        Watch(workspace);
        Say(workspace, repository);
        var replaced = repository;
        try
        {
            replaced = (await PublishAsync(workspace, repository)).Published.ImageId;
            var same = await PublishAsync(workspace, repository);
            Assert.Equal([$"image inspect {repository}:latest"], same.Runs);

            Say(workspace, "something else");
            var changed = await PublishAsync(workspace, repository);
            // It is started while files are copied, as the question is.
            Assert.Equal([$"image inspect {repository}:latest", "load"], changed.Runs.Order(StringComparer.Ordinal));
            Assert.InRange(changed.Loaded.Single(), 1, Little);
            await AssertThereAsync(changed, $"{repository}:latest", "something else");

            var tagged = await PublishAsync(workspace, repository, "-p:ContainerImageTags=\"latest;2.0\"");
            Assert.Equal([$"image inspect {repository}:latest {repository}:2.0", "load"], tagged.Runs);
            Assert.InRange(tagged.Loaded.Single(), 1, Little);
            await AssertThereAsync(tagged, $"{repository}:2.0", "something else");

            // Another project, whose names Docker does not know.
            var other = await PublishAsync(workspace, sibling);
            Assert.Equal("load", other.Runs[^1]);
            Assert.InRange(other.Loaded.Single(), 1, Little);
            await AssertThereAsync(other, $"{sibling}:latest", "something else");
        }
        finally
        {
            await Engine.Docker.RunAsync("rmi", "-f", $"{repository}:latest", $"{repository}:2.0", $"{sibling}:latest", replaced);
        }
    }

    [RequiresFact(Server.Docker, Server.BaseRuntime)]
    public async Task What_it_has_no_more_is_sent_and_nobody_hears_of_it()
    {
        using var workspace = await Workspace.CreateAsync("gone");
        var repository = Workspace.UniqueName("gone");
        Watch(workspace, $"[ \"$1 $2\" != 'image inspect' ] || docker rmi -f {repository}:latest >/dev/null 2>&1");
        // A layer that is in no other image, and so goes with this one.
        Say(workspace, repository);
        try
        {
            await PublishAsync(workspace, repository);
            var published = await PublishAsync(workspace, repository, "-p:ContainerUser=1234");
            Assert.Equal([$"image inspect {repository}:latest", "load", "load"], published.Runs);
            Assert.True(published.Loaded[0] < Little && published.Loaded[1] > 10 * Little, string.Join(", ", published.Loaded));
            Assert.DoesNotContain("no such file", published.Published.Output, StringComparison.Ordinal);
            await AssertThereAsync(published, $"{repository}:latest", repository);
        }
        finally
        {
            await Engine.Docker.RunAsync("rmi", "-f", $"{repository}:latest");
        }
    }

    private static async Task<Watched> PublishAsync(Workspace workspace, string repository, params string[] properties)
    {
        foreach (var old in Directory.GetFiles(workspace.PathOf("watched")))
            File.Delete(old);
        var published = await workspace.PublishAsync(
            "HelloConsole",
            [$"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntime)}", $"-p:ContainerRepository={repository}", "-p:LocalRegistry=Docker", .. properties]);
        return new Watched(
            published,
            // Ids are of this machine's other images.
            [.. File.ReadAllLines(
                workspace.PathOf("watched", "runs")).Select(line =>
                    line.Contains("sha256:", StringComparison.Ordinal) ? "image inspect" : line)],
            [.. Directory.GetFiles(
                workspace.PathOf("watched"), "load-*").Order(StringComparer.Ordinal).Select(file => new FileInfo(file).Length)]);
    }

    private static async Task AssertThereAsync(Watched watched, string name, string says)
    {
        var inspected = (await Engine.Docker.RunAsync("image", "inspect", "--format", "{{.Id}}", name)).EnsureSuccess();
        Assert.Equal(watched.Published.ImageId, inspected.StandardOutput.Trim());
        var said = (await Engine.Docker.RunAsync("run", "--rm", "--network=none", name)).EnsureSuccess();
        Assert.Contains(says, said.StandardOutput, StringComparison.Ordinal);
    }

    private static void Say(Workspace workspace, string text) =>
        workspace.Sandbox.Write("src/HelloConsole/Said.cs", $$"""
            internal static class Said
            {
                [System.Runtime.CompilerServices.ModuleInitializer]
                internal static void Say() => System.Console.WriteLine("{{text}}");
            }
            """);

    private static void Watch(Workspace workspace, string afterwards = "")
    {
        var folder = Directory.CreateDirectory(workspace.PathOf("watched")).FullName;
        var program = workspace.Sandbox.Write("src/bin/docker", $"""
            #!/bin/sh
            PATH='{Engine.Docker.Folder}':$PATH
            echo "$*" >> '{folder}/runs'
            if [ "$1" = load ]; then
              tee "{folder}/load-$(wc -l < '{folder}/runs')" | docker "$@"
            else
              docker "$@"
            fi
            code=$?
            {afterwards}
            exit $code
            """);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        workspace.Sandbox.Environment["PATH"] = Path.GetDirectoryName(
            program) + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH");
    }

    private sealed record Watched(Workspace.Published Published, string[] Runs, long[] Loaded);
}

using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>The same inputs give the same digests.</summary>
public sealed class RepeatabilityTests
{
    [RequiresFact(Server.Registry, Server.BaseAspNet)]
    public async Task A_changed_line_changes_the_application_layer_and_nothing_changed_changes_nothing()
    {
        using var workspace = await Workspace.CreateAsync("change");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("change"));
        var to = Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet));

        await workspace.PublishAsUserAsync("HelloWeb", to);
        var first = await RemoteImage.GetAsync(registry, repository, "latest");
        await workspace.PublishAsync("HelloWeb", to);
        var second = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal(first.Digest, second.Digest);

        var program = workspace.PathOf("HelloWeb", "Program.cs");
        var text = await File.ReadAllTextAsync(program);
        Assert.Contains("Hello from HelloWeb", text, StringComparison.Ordinal);
        await File.WriteAllTextAsync(program, text.Replace("Hello from HelloWeb", "Good evening from HelloWeb", StringComparison.Ordinal));
        await workspace.PublishAsync("HelloWeb", to);
        var third = await RemoteImage.GetAsync(registry, repository, "latest");

        Assert.NotEqual(first.Digest, third.Digest);
        Assert.Equal(first.Layers.SkipLast(1), third.Layers.SkipLast(1));
        Assert.NotEqual(first.Layers[^1], third.Layers[^1]);
        Assert.Equal("application", third.OwnLayers[^1].Name);
    }

    [RequiresTheory(Server.Registry, Server.BaseAspNet)]
    [InlineData("-p:ContainerPublish=true")]
    [InlineData("-t:PublishContainer")]
    public async Task A_renamed_asset_and_a_second_single_file_leave_the_image_as_a_first_publish_would(string how)
    {
        using var workspace = await Workspace.CreateAsync("again");
        var registry = Testbed.Get(Server.Registry);
        async Task<string[]> FilesOfAsync(string folder)
        {
            var repository = Workspace.UniqueName("again");
            (await workspace.Sandbox.DotnetInProcessAsync(
                ["publish", "HelloWeb", how, "-r", "linux-x64", "-p:PublishSingleFile=true", "--self-contained", "false", .. Workspace.To(registry, repository, Testbed.Get(Server.BaseAspNet))],
                null,
                folder)).EnsureSuccess();
            return [.. (
                await (await RemoteImage.GetAsync(registry, repository, "latest")).ReadOwnFilesAsync()).Keys.Order(StringComparer.Ordinal)];
        }

        var before = await FilesOfAsync("src");
        Assert.Contains("app/libe_sqlite3.so", before);
        Assert.Contains("app/wwwroot/site.css", before);
        File.Move(workspace.PathOf("HelloWeb", "wwwroot", "site.css"), workspace.PathOf("HelloWeb", "wwwroot", "style.css"));
        var after = await FilesOfAsync("src");

        Assert.Equal(
            before.Select(file => file.Replace("/site.css", "/style.css", StringComparison.Ordinal)).Order(StringComparer.Ordinal), after);
    }

    [RequiresFact(Server.Registry, Server.Registry2, Server.BaseAspNet)]
    public async Task Two_clones_give_one_digest_whatever_the_folder_time_umask_culture_threads_and_destination()
    {
        using var workspace = await Workspace.CreateUnbuiltAsync("clones");
        await GitAsync(workspace, "init", "-q");
        await GitAsync(workspace, "add", ".");
        await GitAsync(workspace, "-c", "user.name=Ada", "-c", "user.email=ada@example.invalid", "commit", "-qm", "First");
        var origin = workspace.PathOf();
        foreach (var clone in new[] { "one", "somewhere/else/with a space" })
        {
            Directory.CreateDirectory(workspace.Sandbox.PathOf(Path.GetDirectoryName(clone)!));
            (await workspace.Sandbox.RunAsync("git", ["clone", "-q", origin, clone])).EnsureSuccess();
        }

        var registry = Testbed.Get(Server.Registry);
        var other = workspace.Sandbox.PathOf("somewhere/else/with a space");
        var common = $"-p:ContainerBaseImage={Testbed.Get(Server.BaseAspNet)} -p:ContainerRepository=e2e/clones";
        var first = await PublishAsync(
            workspace,
            "one",
            $"{common} -p:ContainerRegistry={registry}",
            umask: "022",
            new() { ["DOTNET_PROCESSOR_COUNT"] = "1", ["LC_ALL"] = "C", ["TZ"] = "Asia/Kathmandu" });

        // Another time: what a checkout next year would find on the files.
        foreach (var file in Directory.EnumerateFiles(Path.Combine(other, "HelloWeb"), "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, new DateTime(2031, 5, 6, 7, 8, 9, DateTimeKind.Utc));
        Dictionary<string, string?> differently = new() { ["DOTNET_PROCESSOR_COUNT"] = "2", ["LANG"] = "tr_TR.UTF-8", ["LC_ALL"] = "tr_TR.UTF-8", ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "0", ["TZ"] = "America/Anchorage" };
        var second = await PublishAsync(
            workspace,
            "somewhere/else/with a space",
            $"{common} -p:ContainerRegistry={Testbed.Get(Server.Registry2)}",
            umask: "077",
            differently);
        Assert.Equal(first, second);

        var third = await PublishAsync(
            workspace, "somewhere/else/with a space", $"{common} -p:ContainerOciLayoutPath=../../out/layout", umask: "027", differently);
        Assert.Equal(first, third);
        var fourth = await PublishAsync(
            workspace, "one", $"{common} -p:ContainerArchiveOutputPath=../../out/a.tar", umask: "002", differently);
        Assert.Equal(first, fourth);

        // The commit's time, not today's.
        var image = await RemoteImage.GetAsync(registry, "e2e/clones", "latest");
        var committed = (
            await workspace.Sandbox.RunAsync(
                "git",
                ["-C", origin, "log", "-1", "--format=%cd", "--date=format-local:%Y-%m-%dT%H:%M:%SZ"],
                new Dictionary<string, string?> { ["TZ"] = "UTC" })).EnsureSuccess();
        Assert.Equal(committed.StandardOutput.Trim(), (string?)image.Config["created"]);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Two_publishes_of_one_project_at_once_push_an_image_each()
    {
        using var workspace = await Workspace.CreateAsync("race");
        var (registry, runtime) = (Testbed.Get(Server.Registry), Testbed.Get(Server.BaseRuntime));
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, Workspace.UniqueName("race"), runtime));

        var users = new[] { "1001", "1002", "1003" };
        var repositories = users.Select(user => Workspace.UniqueName("race-" + user)).ToArray();
        var results = await Task.WhenAll(users.Zip(repositories, (user, repository) => workspace.Sandbox.DotnetAsync(
            ["publish", "HelloConsole", "--no-build", "-t:PublishContainer", $"-p:ContainerUser={user}", .. Workspace.To(registry, repository, runtime)],
            null,
            workspace.Folder)));

        foreach (var (user, repository, result) in users.Zip(repositories, results))
        {
            result.EnsureSuccess();
            var image = await RemoteImage.GetAsync(registry, repository, "latest");
            Assert.Contains($"HelloConsole -> {registry}/{repository}:latest@{image.Digest}", result.Output, StringComparison.Ordinal);
            Assert.Equal(user, (string?)image.Config["config"]!["User"]);
        }
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Source_date_epoch_decides_when_the_image_was_created()
    {
        using var workspace = await Workspace.CreateAsync("epoch");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("epoch"));
        workspace.Sandbox.Environment["SOURCE_DATE_EPOCH"] = "1700000000";
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime)));

        var image = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal("2023-11-14T22:13:20Z", (string?)image.Config["created"]);
        Assert.Equal("2023-11-14T22:13:20Z", (string?)image.Config["config"]!["Labels"]!["org.opencontainers.image.created"]);
    }

    private static async Task GitAsync(Workspace workspace, params string[] arguments) =>
        (await workspace.Sandbox.RunAsync("git", ["-C", workspace.PathOf(), .. arguments])).EnsureSuccess();

    private static async Task<string> PublishAsync(
        Workspace workspace, string clone, string properties, string umask, Dictionary<string, string?> environment)
    {
        (await workspace.Sandbox.RunAsync(
            "bash",
            ["-c", $"umask {umask}; exec \"{DotnetSdk.Current.HostPath}\" publish HelloWeb -p:ContainerPublish=true {properties}"],
            new Dictionary<string, string?>([.. environment, .. CompilerServer.Unused]),
            clone)).EnsureSuccess();
        return (await File.ReadAllTextAsync(workspace.Sandbox.PathOf(clone, "HelloWeb/obj/Release/net10.0/containerize/image.digest")))
            .Trim();
    }
}

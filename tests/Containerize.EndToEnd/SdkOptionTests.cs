using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>
/// The options of the .NET SDK's containers, side by side: one project, once with the SDK's own PublishContainer and once with
/// Containerize added; the configs are the same but for what the docs say, and both images say the same in Docker.
/// </summary>
public sealed class SdkOptionTests(SideBySide sides) : IClassFixture<SideBySide>
{
    private const string Explicit = "-t:PublishContainer";
    private const string Profile = "-p:PublishProfile=DefaultContainer";

    [RequiresTheory(Server.Registry, Server.Docker, Server.BaseRuntime, Server.BaseRuntimeDocker)]
    [InlineData("", Server.BaseRuntime, "arguments: Ada|Lovelace", "Ada", "Lovelace")]
    [InlineData(
        "-p:Option=settings -p:ContainerUser=1001 -p:ContainerFamily=alpine -p:ContainerImageFormat=OCI",
        Server.BaseRuntime,
        "OPTION_URL=https://host:8443/path?a=1&b=2#c")]
    [InlineData("-p:Option=entrypoint -p:ContainerGenerateLabels=false", Server.BaseRuntime, "OPTION_BY=env")]
    [InlineData("-p:Option=legacy -p:ContainerUser=root", Server.BaseRuntime, "arguments: DelayedCancellation|Hopper")]
    [InlineData(
        "-p:Option=arguments -p:ContainerAppCommandInstruction=Entrypoint -p:ContainerImageFormat=Docker",
        Server.BaseRuntimeDocker,
        "arguments: --always|Ada",
        "Ada")]
    [InlineData(
        "-p:Option=arguments -p:ContainerAppCommandInstruction=DefaultArgs -p:ContainerWorkingDirectory=/srv/",
        Server.BaseRuntime,
        "arguments: --always|DelayedCancellation")]
    [InlineData("-p:Option=none -p:ContainerAppCommandInstruction=None", Server.BaseRuntime, "arguments: DelayedCancellation")]
    public async Task A_console_program(string options, string baseKey, string says, params string[] arguments)
    {
        var pair = await sides.PushAsync(
            "Options", Testbed.Get(baseKey), [], [Explicit, .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);

        var said = await SideBySide.RunAsync(pair, arguments);

        Assert.Contains(says, said, StringComparison.Ordinal);
        Assert.Contains(".hidden: hidden", said, StringComparison.Ordinal);
        Assert.Contains(".folder/with space/ümläut.txt: odd", said, StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task Several_tags()
    {
        var pair = await sides.PushAsync(
            "Options", Testbed.Get(Server.BaseRuntime), [], Explicit, "-p:ContainerImageTags=\"1.0;2.0-beta\"");

        foreach (var image in new[] { pair.Theirs, pair.Ours })
            Assert.Equal((await RemoteImage.GetAsync($"{image}:1.0")).Digest, (await RemoteImage.GetAsync($"{image}:2.0-beta")).Digest);
    }

    // On a base in Docker's format: on others the SDK's archive is one of OCI alone, which not every Docker loads.
    [RequiresTheory(Server.Docker, Server.BaseRuntimeDocker)]
    [InlineData("image.tar", "image.tar", "image.tar")]
    [InlineData("folder/", "folder/NAME.tar.gz", "folder/NAME.tar")] // The SDK's is not compressed.
    public async Task An_archive(string output, string theirFile, string ourFile)
    {
        var pair = new SideBySide.Pair("theirs-" + Guid.NewGuid().ToString("N")[..8], "ours-" + Guid.NewGuid().ToString("N")[..8]);
        string[] Options(string name, string folder) =>
        [
            Explicit, $"-p:ContainerBaseImage={Testbed.Get(Server.BaseRuntimeDocker)}", $"-p:ContainerRepository={name}", $"-p:ContainerArchiveOutputPath={folder}/{output}",
        ];
        var (theirs, ours) = (await sides.PathOfAsync("out", pair.Theirs), await sides.PathOfAsync("out", pair.Ours));

        await sides.PublishAsync("Options", [], Options(pair.Theirs, theirs), Options(pair.Ours, ours));

        var configs = new List<JsonNode>();
        foreach (var (name, archive) in new[] { (pair.Theirs, $"{theirs}/{theirFile}"), (pair.Ours, $"{ours}/{ourFile}") })
        {
            (await Engine.Docker.RunAsync("load", "-i", archive.Replace("NAME", name, StringComparison.Ordinal))).EnsureSuccess();
            configs.Add(
                JsonNode.Parse(
                    (await Engine.Docker.RunAsync("image", "inspect", "--format", "{{json .Config}}", $"{name}:latest"))
                        .EnsureSuccess().StandardOutput)!);
        }

        Assert.Contains("arguments: Ada", await SideBySide.RunAsync(pair, "Ada"), StringComparison.Ordinal);
        Assert.Empty(
            ConfigDifferences.Find(new JsonObject { ["config"] = configs[0] }, new JsonObject { ["config"] = configs[1] })
                .Except(ConfigDifferences.Documented()));
        await Engine.Docker.RunAsync("rmi", "-f", $"{pair.Theirs}:latest", $"{pair.Ours}:latest");
    }

    [RequiresTheory(Server.Registry, Server.Docker, Server.BaseAspNet, Server.BaseAspNetDocker)]
    [InlineData(Profile, Server.BaseAspNet)]
    [InlineData(Explicit, Server.BaseAspNetDocker)]
    public async Task A_web_application(string way, string baseKey)
    {
        var pair = await sides.PushAsync("Web", Testbed.Get(baseKey), [], way);

        var answers = new List<IReadOnlyList<string>>();
        foreach (var image in new[] { pair.Theirs, pair.Ours })
            answers.Add(await Engine.Docker.AskAsync($"{image}:latest", "/", "/index.txt", "/.well-known/security.txt"));
        Assert.Equal(["app in /app says hello", "index", "Contact: mailto:ada@example.invalid"], answers[1]);
        Assert.Equal(answers[0], answers[1]);
        Assert.Equal(["8080/tcp"], pair.Config["ExposedPorts"]!.AsObject().Select(port => port.Key));
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.BaseRuntime)]
    public async Task A_worker()
    {
        var pair = await sides.PushAsync("Worker", Testbed.Get(Server.BaseRuntime), [], Profile);

        Assert.Equal("worked as app\n", await SideBySide.RunAsync(pair));
    }

    [RequiresTheory(Server.Registry, Server.Docker, Server.BaseRuntimeDeps)]
    [InlineData("--self-contained")]
    [InlineData("--self-contained", "-p:PublishSingleFile=true", "-p:PublishTrimmed=true")]
    public async Task A_program_that_brings_its_runtime(params string[] how)
    {
        var pair = await sides.PushAsync("Options", Testbed.Get(Server.BaseRuntimeDeps), ["-r", "linux-x64", .. how], Explicit);

        Assert.Contains("arguments: Ada", await SideBySide.RunAsync(pair, "Ada"), StringComparison.Ordinal);
        Assert.Equal("""["/app/Options"]""", pair.Config["Entrypoint"]!.ToJsonString());
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.BaseRuntime)]
    public async Task One_of_two_frameworks()
    {
        var pair = await sides.PushAsync("Frameworks", Testbed.Get(Server.BaseRuntime), ["--framework", "net10.0"], Explicit);

        Assert.Equal(".NETCoreApp,Version=v10.0\n", await SideBySide.RunAsync(pair));
        Assert.Equal("10.0", (string?)pair.Config["Labels"]!["net.dot.runtime.majorminor"]);
    }
}

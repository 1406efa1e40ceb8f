using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>What the checks know of applications that are published as real ones are.</summary>
public sealed class FitTests
{
    [Fact]
    public async Task A_single_file_is_read_by_what_it_was_made_from()
    {
        using var workspace = await Workspace.CreateAsync("fit");
        await File.WriteAllTextAsync(
            workspace.PathOf("HelloConsole", "Program.cs"),
            "Console.WriteLine(TimeZoneInfo.FindSystemTimeZoneById(args[0]) + await new HttpClient().GetStringAsync(args[1]));\n");

        var result = await workspace.TryPublishAsync(
            "HelloConsole",
            "-r",
            "linux-x64",
            "--self-contained",
            "false",
            "-p:PublishSingleFile=true",
            "-p:ContainerBaseImage=scratch",
            $"-p:ContainerOciLayoutPath={workspace.PathOf("out")}");

        result.EnsureSuccess();
        Assert.Contains("warning CTZ6003: /app/HelloConsole cannot be started: the loader /lib64/ld-linux-x86-64.so.2 ", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning CTZ6009: The application needs Microsoft.NETCore.App ", result.Output, StringComparison.Ordinal);
        var plan = JsonNode.Parse(await File.ReadAllTextAsync(
            Directory.EnumerateFiles(workspace.PathOf("HelloConsole", "obj"), "plan.json", SearchOption.AllDirectories).Single()))!;
        Assert.DoesNotContain(plan["layers"]!.AsArray().SelectMany(layer => layer!["entries"]!.AsArray()), entry => ((string)entry!["path"]!).EndsWith(".dll", StringComparison.Ordinal));
        var needs = plan["needs"]!;
        Assert.True((bool)needs["isSingleFile"]!);
        Assert.Equal("Microsoft.NETCore.App", (string?)Assert.Single(needs["frameworks"]!.AsArray())!["name"]);
        foreach (var use in new[] { "openSslUser", "tlsClient", "timeZoneUser" })
            Assert.Equal("HelloConsole.dll", (string?)needs[use]);
    }
}

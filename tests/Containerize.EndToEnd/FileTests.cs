using System.Formats.Tar;
using System.Security.Cryptography;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Validation;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Files as people have them.</summary>
public sealed class FileTests
{
    [RequiresFact(Server.Registry, Server.Docker, Server.Podman, Server.BaseRuntime)]
    public async Task Many_small_and_oddly_named_files_arrive_byte_for_byte()
    {
        using var workspace = await Workspace.CreateAsync("files");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("files"));
        var expected = WriteFiles(workspace);
        AddContent(workspace);
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime)));

        var files = await (await RemoteImage.GetAsync(registry, repository, "latest")).ReadOwnFilesAsync();
        foreach (var (path, hash) in expected)
        {
            var file = files[path];
            Assert.Equal((TarEntryType.RegularFile, hash, 0, 0), (file.Type, file.Sha256, file.Uid, file.Gid));
            Assert.Equal(path.EndsWith("/run.sh", StringComparison.Ordinal) ? "755" : "644", file.Mode);
        }

        var link = files["app/data/link to a b.txt"];
        Assert.Equal((TarEntryType.SymbolicLink, "a b.txt"), (link.Type, link.LinkTarget));
        await ImageValidator.AssertValidAsync(
            await ImageUnderTest.FromRemoteAsync(registry, repository, "latest"), new ImageValidationOptions { OwnLayers = 1 });

        foreach (var engine in new[] { Engine.Docker, Engine.Podman })
        {
            (await engine.RunAsync("pull", $"{registry}/{repository}:latest")).EnsureSuccess();
            var count = (
                await engine.RunAsync(
                    "run",
                    "--rm",
                    "--network=none",
                    "--entrypoint",
                    "/bin/sh",
                    $"{registry}/{repository}:latest",
                    "-c",
                    "find /app/data -type f | wc -l; cat '/app/data/link to a b.txt'")).EnsureSuccess();
            Assert.Equal($"{expected.Count}\na b", count.StandardOutput.Trim());
        }
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task A_file_of_3_GB_takes_less_than_400_MB_of_memory()
    {
        using var workspace = await Workspace.CreateAsync("large");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("large"));
        await AddToProjectAsync(workspace, "HelloConsole", """
            <Target Name="AddLargeFile" AfterTargets="Publish">
              <Exec Command="head -c 60000000 /dev/urandom &gt; &quot;$(PublishDir)large.bin&quot;; truncate -s 3221225472 &quot;$(PublishDir)large.bin&quot;" />
            </Target>
            """);

        var publish = workspace.Sandbox.StartDotnet(
            ["publish", "HelloConsole", "-p:ContainerPublish=true", .. Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime))],
            workingDirectory: workspace.Folder);
        var peak = await PeakMemoryAsync(publish);
        (await publish.Completion).EnsureSuccess();

        Assert.InRange(peak, 1, 400L * 1024 * 1024);
        var files = await (await RemoteImage.GetAsync(registry, repository, "latest")).ReadOwnFilesAsync();
        await using var large = File.OpenRead(workspace.PathOf("HelloConsole", "bin", "Release", "net10.0", "publish", "large.bin"));
        Assert.Equal(3221225472, large.Length);
        Assert.Equal(Convert.ToHexStringLower(await SHA256.HashDataAsync(large)), files["app/large.bin"].Sha256);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime)]
    public async Task What_users_copy_after_publish_is_in_the_image()
    {
        using var workspace = await Workspace.CreateAsync("after");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("after"));
        await AddToProjectAsync(workspace, "HelloConsole", """
            <Target Name="CopyMore" AfterTargets="Publish">
              <WriteLinesToFile File="$(PublishDir)from-project.txt" Lines="project" Overwrite="true" />
            </Target>
            """);
        workspace.Sandbox.Write("src/Directory.Build.targets", """
            <Project>
              <Target Name="CopyStillMore" AfterTargets="Publish">
                <WriteLinesToFile File="$(PublishDir)from-directory.txt" Lines="directory" Overwrite="true" />
              </Target>
            </Project>
            """);
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, repository, Testbed.Get(Server.BaseRuntime)));

        var files = await (await RemoteImage.GetAsync(registry, repository, "latest")).ReadOwnFilesAsync();
        Assert.Equal(RemoteImage.HashOf("project\n"), files["app/from-project.txt"].Sha256);
        Assert.Equal(RemoteImage.HashOf("directory\n"), files["app/from-directory.txt"].Sha256);
    }

    [RequiresFact(Server.Registry, Server.Docker, Server.BaseBusybox)]
    public async Task On_scratch_a_static_program_runs()
    {
        using var workspace = await Workspace.CreateAsync("scratch");
        var (registry, repository) = (Testbed.Get(Server.Registry), Workspace.UniqueName("scratch"));
        await (await RemoteImage.GetAsync(Testbed.Get(Server.BaseBusybox)))
            .ExtractAsync("bin/busybox", workspace.PathOf("HelloConsole", "busybox"));
        await AddToProjectAsync(workspace, "HelloConsole", """
            <ItemGroup>
              <Content Include="busybox" CopyToPublishDirectory="PreserveNewest" />
              <ContainerAppCommand Include="/app/busybox;echo" />
            </ItemGroup>
            """);
        await workspace.PublishAsync("HelloConsole", Workspace.To(registry, repository, "scratch"));

        var image = await RemoteImage.GetAsync(registry, repository, "latest");
        Assert.Equal(["application"], image.OwnLayers.Select(layer => layer.Name));
        Assert.Single(image.Layers);
        await ImageValidator.AssertValidAsync(await ImageUnderTest.FromRemoteAsync(registry, repository, "latest"));
        var said = (await Engine.Docker.RunAsync("run", "--rm", "--network=none", $"{registry}/{repository}:latest", "from", "nothing"))
            .EnsureSuccess();
        Assert.EndsWith("from nothing", said.StandardOutput.Trim(), StringComparison.Ordinal);
    }

    private static Dictionary<string, string> WriteFiles(Workspace workspace)
    {
        var longName = string.Concat(Enumerable.Repeat("langer-name-ä-", 14));
        var contents = new Dictionary<string, string>
        {
            ["a b.txt"] = "a b",
            ["empty"] = "",
            ["größe/日本語/файл.txt"] = "names",
            ["semi;colon.txt"] = "semicolon",
            ["100%.txt"] = "percent",
            ["at@(x)$(y).txt"] = "msbuild",
            [$"deep/{longName}/{longName}/{longName}.txt"] = "long",
            ["run.sh"] = "#!/bin/sh\necho hi\n",
        };
        for (var i = 0; i < 10_000; i++)
            contents[$"small/{i / 100}/{i}.txt"] = $"file {i}";
        foreach (var (path, content) in contents)
            workspace.Sandbox.Write($"src/HelloConsole/data/{path}", content);
        return contents.ToDictionary(file => "app/data/" + file.Key, file => RemoteImage.HashOf(file.Value));
    }

    private static void AddContent(Workspace workspace)
    {
        var project = workspace.PathOf("HelloConsole", "HelloConsole.csproj");
        File.WriteAllText(project, File.ReadAllText(project).Replace("</Project>", """
            <ItemGroup><Content Include="data/**" CopyToPublishDirectory="PreserveNewest" /></ItemGroup>
            <Target Name="AddLink" AfterTargets="Publish">
              <Exec Command="ln -s &quot;a b.txt&quot; &quot;$(PublishDir)data/link to a b.txt&quot;" />
            </Target>
            </Project>
            """, StringComparison.Ordinal));
    }

    private static async Task AddToProjectAsync(Workspace workspace, string name, string xml)
    {
        var project = workspace.PathOf(name, $"{name}.csproj");
        await File.WriteAllTextAsync(
            project, (await File.ReadAllTextAsync(project)).Replace("</Project>", xml + "</Project>", StringComparison.Ordinal));
    }

    // VmHWM only grows, so the last reading before the end is the peak.
    private static async Task<long> PeakMemoryAsync(RunningProcess process)
    {
        long peak = 0;
        while (!process.Completion.IsCompleted)
        {
            try
            {
                var line = (await File.ReadAllLinesAsync($"/proc/{process.Id}/status"))
                    .FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
                if (line is not null)
                    peak = Math.Max(
                        peak,
                        long.Parse(
                            line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                            System.Globalization.CultureInfo.InvariantCulture) * 1024);
            }
            catch (IOException)
            {
                // The process has just ended.
            }

            await Task.WhenAny(process.Completion, Task.Delay(20));
        }

        return peak;
    }
}

using System.Formats.Tar;
using System.IO.Compression;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Validation;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Files that go where the base has something, and what is asked of the registry for that.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PlacementTests(PackageFixture fixture)
{
    private static readonly BaseImageSpec Base = new()
    {
        Layers = [BaseImages.SmallRoot, [TarItem.Directory("run"), TarItem.Directory("var"), TarItem.Symlink("var/run", "/run")]],
    };

    [Theory]
    [InlineData("/home/app/x", "home/app/ 700 1654:1654", "home/app/x/ 755 0:0", "home/app/x/App.dll 644 0:0")]
    [InlineData("/tmp/x/", "tmp/ 1777 0:0", "tmp/x/ 755 0:0", "tmp/x/App.dll 644 0:0")]
    [InlineData("/bin/x", "usr/bin/x/ 755 0:0", "usr/bin/x/App.dll 644 0:0")]
    [InlineData("/var/run/x", "run/x/ 755 0:0", "run/x/App.dll 644 0:0")]
    [InlineData("/tmp", "tmp/ 1777 0:0", "tmp/App.dll 644 0:0")]
    [InlineData("/", "App.dll 644 0:0")]
    public async Task The_base_keeps_its_links_and_the_rights_of_its_directories(string directory, params string[] expected)
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: Base);

        Workspace.Publish(workspace.Project(), ("ContainerWorkingDirectory", directory)).EnsureSuccess();

        Assert.Equal(
            expected,
            Entries(workspace)
                .Where(
                    line =>
                        line.EndsWith('/') || line.Contains("/ ", StringComparison.Ordinal)
                            || line.Contains("App.dll", StringComparison.Ordinal)));
        Assert.Equal(directory, workspace.Config().GetProperty("config").GetProperty("WorkingDir").GetString());
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"),
            new ImageValidationOptions { OwnLayers = 1, AllowedDirectory = path => path.EndsWith("/x", StringComparison.Ordinal) });
    }

    [Fact]
    public async Task Each_layer_of_the_base_is_fetched_once_and_no_more()
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: Base);
        var project = workspace.Project(project => project.Property("ContainerCacheDirectory", "../shared cache"));

        var first = Workspace.Publish(project, ("ContainerWorkingDirectory", "/home/app")).EnsureSuccess();
        Assert.Equal(BlobsOf(workspace.Base!), Fetched(workspace));
        Assert.Equal(2, Directory.GetFiles(workspace.PathOf("shared cache", "contents")).Length);

        workspace.Registry.ClearRequests();
        var second = Workspace.Publish(project, ("ContainerWorkingDirectory", "/home/app")).EnsureSuccess();
        Assert.Empty(Fetched(workspace));
        Assert.Equal(first["GeneratedContainerDigest"], second["GeneratedContainerDigest"]);

        // Another project of the same user, on the same base.
        var other = workspace.Project(
            project => project.Property("ContainerCacheDirectory", workspace.PathOf("shared cache")), name: "Other");
        Workspace.Publish(other, ("ContainerWorkingDirectory", "/tmp/x")).EnsureSuccess();
        Assert.Empty(Fetched(workspace));
    }

    [Fact]
    public async Task A_directory_of_the_applications_own_needs_no_layer_of_the_base()
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: Base);
        var project = workspace.Project(project => project.Property("ContainerCacheDirectory", "../cache"));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Empty(Fetched(workspace));
        Assert.Equal([workspace.PathOf("cache", "documents")], Directory.GetDirectories(workspace.PathOf("cache")));
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_no_failure()
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: Base);
        var project = workspace.Project(project => project.Property("ContainerCacheDirectory", workspace.Write("a file", "in the way")));

        Workspace.Publish(project, ("ContainerWorkingDirectory", "/bin")).EnsureSuccess();
        Assert.Equal(BlobsOf(workspace.Base!), Fetched(workspace));
        Assert.Equal(
            2,
            Directory.EnumerateDirectories(workspace.PathOf("App", "obj"), "contents", SearchOption.AllDirectories).Single() is var folder
                ? Directory.GetFiles(folder).Length
                : 0);

        workspace.Registry.ClearRequests();
        Workspace.Publish(project, ("ContainerWorkingDirectory", "/bin")).EnsureSuccess();
        Assert.Empty(Fetched(workspace));
    }

    [Fact]
    public async Task The_cache_lies_where_the_system_keeps_caches()
    {
        var spec = new BaseImageSpec { Layers = [[TarItem.File("etc/unique", Guid.NewGuid().ToString())]] };
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: spec);

        Workspace.Publish(workspace.Project(), ("ContainerWorkingDirectory", "/srv")).EnsureSuccess();

        Assert.Contains(
            Directory.EnumerateFiles(Path.Combine(fixture.CacheHome, "containerize", "contents")),
            file => Path.GetFileName(file).StartsWith(workspace.Base!.Layers[0].Digest["sha256:".Length..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_path_below_a_file_of_the_base_is_told()
    {
        await using var workspace = await Workspace.StartAsync(fixture, baseImage: Base);

        var text = Workspace.Publish(workspace.Project(), ("ContainerWorkingDirectory", "/etc/passwd/x")).EnsureError("CTZ3008");

        Assert.Contains($"'{workspace.BaseImage}'", text, StringComparison.Ordinal);
        Assert.Contains("/etc/passwd,", text, StringComparison.Ordinal);
        Assert.Equal(0, workspace.ManifestPuts);
    }

    [Fact]
    public async Task A_base_whose_layers_are_no_tars_is_told_where_they_matter()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, baseImage: new BaseImageSpec { Layers = [[TarItem.File("../out", "x")]] });

        Assert.Contains(
            "leads out of the image",
            Workspace.Publish(workspace.Project(), ("ContainerWorkingDirectory", "/opt/x")).EnsureError("CTZ2005"),
            StringComparison.Ordinal);
        Workspace.Publish(workspace.Project()).EnsureSuccess();
    }

    private static IEnumerable<string> Fetched(Workspace workspace) => workspace.Registry.Requests
        .Where(
            request => request.Method == "GET" && request.Path.StartsWith("/v2/base/blobs/", StringComparison.Ordinal)
                && !request.Path.EndsWith(workspace.Base!.ConfigDigest, StringComparison.Ordinal))
        .Select(request => request.Path["/v2/base/blobs/".Length..]).Order(StringComparer.Ordinal);

    private static IEnumerable<string> BlobsOf(PushedImage image) =>
        image.Layers.Select(layer => layer.Digest).Order(StringComparer.Ordinal);

    /// <summary>The entries of the image's topmost layer.</summary>
    private static List<string> Entries(Workspace workspace)
    {
        var manifest = System.Text.Json.JsonDocument.Parse(workspace.Registry.FindManifest("app", "latest")!.Content).RootElement;
        var digest = manifest.GetProperty("layers").EnumerateArray().Last().GetProperty("digest").GetString()!;
        using var reader = new TarReader(
            new GZipStream(new MemoryStream(workspace.Registry.FindBlob("app", digest)!), CompressionMode.Decompress));
        var lines = new List<string>();
        while (reader.GetNextEntry() is { } entry)
            lines.Add($"{entry.Name} {Convert.ToString((int)entry.Mode, 8)} {entry.Uid}:{entry.Gid}");
        return lines;
    }
}

using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Testing.Validation;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Archive;

public sealed class ImageArchiveTests : IDisposable
{
    private static readonly ImageNames Names = new("team/app", ["1.0", "latest"]);
    private readonly TempFolder _folder = new();

    private string Archive => Path.Combine(_folder.Path, "out", "app.tar");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_is_an_oci_layout_with_dockers_manifest()
    {
        var image = MemoryImages.Of("one", "two", "one");
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), Names, Archive, default);
        var entries = Tars.Read(File.ReadAllBytes(Archive));
        Assert.Equal(
            [
                "blobs/", "blobs/sha256/",
                Blob(image.Layers[0].Descriptor), Blob(image.Layers[1].Descriptor),
                Blob(image.Config.Document.Descriptor), Blob(image.Manifest.Document.Descriptor),
                "index.json", "manifest.json", "oci-layout",
            ],
            entries.Select(entry => entry.Name));
        Assert.All(entries, entry => Assert.Equal(entry.Type == TarEntryType.Directory ? "755" : "644", Convert.ToString(entry.Mode, 8)));
        Assert.All(entries, entry => Assert.Equal(1980, entry.Time.Year));

        var layers = string.Join(',', image.Layers.Select(layer => $"\"{Blob(layer.Descriptor)}\""));
        Assert.Equal(
            $$"""[{"Config":"{{Blob(image.Config.Document.Descriptor)}}","RepoTags":["team/app:1.0","team/app:latest"],"Layers":[{{layers}}]}]""",
            Text(entries, "manifest.json"));
        Assert.Equal("""{"imageLayoutVersion":"1.0.0"}""", Text(entries, "oci-layout"));
        using var index = JsonDocument.Parse(Text(entries, "index.json"));
        Assert.Equal(
            ["1.0", "latest"],
            index.RootElement.GetProperty("manifests").EnumerateArray()
                .Select(m => m.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString()));
        Assert.Equal(
            image.Manifest.Document.Content.ToArray(),
            entries.Single(entry => entry.Name == Blob(image.Manifest.Document.Descriptor)).Content);

        var archive = ImageUnderTest.FromArchive(Archive, "latest");
        await ImageValidator.AssertValidAsync(archive, new ImageValidationOptions { OwnLayers = 0 });
        Assert.Equal(["team/app:1.0", "team/app:latest"], archive.RepoTags);
    }

    [Fact]
    public async Task The_same_image_gives_the_same_bytes()
    {
        var image = MemoryImages.Of("one");
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), Names, Archive, default);
        var first = File.ReadAllBytes(Archive);
        await ImageArchive.WriteFileAsync(ImageSet.Of(image), Names, Archive, default);
        Assert.Equal(first, File.ReadAllBytes(Archive));
        using var stream = new MemoryStream();
        await ImageArchive.WriteAsync(ImageSet.Of(image), Names, stream, null, default);
        Assert.Equal(first, stream.ToArray());
    }

    public static TheoryData<string> Failures => ["data", "io", "cancelled", "short"];

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task A_layer_that_fails_leaves_the_old_file_and_nothing_else(string failure)
    {
        _folder.Write("out/app.tar", "old");
        Exception? cause = failure switch
        {
            "io" => new IOException("The connection broke"),
            "cancelled" => new OperationCanceledException(),
            _ => null,
        };
        var broken = new MemoryLayer(
            new Descriptor(MediaTypes.OciLayerGzip, Digest.Of("x"u8), 100), Digest.Of("x"u8),
            () => failure == "short" ? new MemoryStream(new byte[99]) : new HalfStream(cause));
        await Assert.ThrowsAnyAsync<Exception>(
            () => ImageArchive.WriteFileAsync(ImageSet.Of(MemoryImages.Of(broken)), Names, Archive, default));
        Assert.Equal(["out", "out/app.tar"], _folder.Everything());
        Assert.Equal("old", File.ReadAllText(Archive));
    }

    [Fact]
    public async Task A_place_that_cannot_be_written_is_told_of()
    {
        _folder.Write("out", "a file");
        await Failing.WithAsync(
            ErrorCodes.ArchiveUnwritable,
            () => ImageArchive.WriteFileAsync(ImageSet.Of(MemoryImages.Of("x")), Names, Archive, default),
            $"'{Archive}'");

        Directory.CreateDirectory(Path.Combine(_folder.Path, "taken.tar"));
        var taken = Path.Combine(_folder.Path, "taken.tar");
        await Failing.WithAsync(
            ErrorCodes.ArchiveUnwritable,
            () => ImageArchive.WriteFileAsync(ImageSet.Of(MemoryImages.Of("x")), Names, taken, default),
            $"'{taken}'");
        Assert.Equal(["out", "taken.tar"], _folder.Everything());
    }

    [Fact]
    public async Task Foreign_layers_are_left_out()
    {
        var foreign = new MemoryLayer(MemoryImages.Layer("foreign"), MediaTypes.DockerForeignLayerGzip);
        using var stream = new MemoryStream();
        await ImageArchive.WriteAsync(ImageSet.Of(MemoryImages.Of(foreign)), Names, stream, null, default);
        Assert.DoesNotContain(Blob(foreign.Descriptor), Tars.Read(stream.ToArray()).Select(entry => entry.Name));
        Assert.Equal(0, foreign.Opened);
    }

    private static string Blob(Descriptor descriptor) => "blobs/sha256/" + descriptor.Digest.Hex;

    private static string Text(IReadOnlyList<TarRead> entries, string name) =>
        Encoding.UTF8.GetString(entries.Single(entry => entry.Name == name).Content);
}

using System.Formats.Tar;
using Containerize.Caches;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Stores.Layout;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Archive;

/// <summary>Archives whose bytes somebody has changed at random places: whatever comes of it has a code.</summary>
public sealed class DamagedArchiveTests : IDisposable
{
    private static readonly string[] Expected = [ErrorCodes.BaseContentInvalid, ErrorCodes.BaseUnusable, ErrorCodes.BasePlatformMissing];
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("docker-archive:pipe")]
    [InlineData("oci-archive:pipe")]
    [InlineData("oci:layout")]
    public async Task A_pipe_in_place_of_a_file_is_not_waited_for(string location)
    {
        if (!OperatingSystem.IsLinux())
            return;
        Shell.Run(
            _folder.Path,
            "mkfifo pipe; mkdir layout; mkfifo layout/index.json; echo '{\"imageLayoutVersion\":\"1.0.0\"}' > layout/oci-layout");
        var platform = new Platform("linux", "amd64");
        await Failing.WithAsync(
            ErrorCodes.BaseUnusable,
            () => location.StartsWith("oci:", StringComparison.Ordinal)
                ? new OciLayout(_folder["layout"]).ReadAsync(location, null, platform, default)
                : Task.Run(() => ImageArchive.IsGzip(location, _folder["pipe"])),
            "is a pipe");
    }

    [Theory]
    [InlineData("docker 20", ArchiveKind.Docker)]
    [InlineData("podman", ArchiveKind.Docker)]
    [InlineData("gzip", ArchiveKind.Docker)]
    [InlineData("ours", ArchiveKind.Docker)]
    [InlineData("ours", ArchiveKind.Oci)]
    [InlineData("pax", ArchiveKind.Docker)]
    public async Task Nothing_goes_through_unseen_and_nothing_breaks(string form, ArchiveKind kind)
    {
        var whole = await ArchiveAsync(form);
        var random = new Random(form.Length + (int)kind);
        var refused = 0;
        for (var round = 0; round < 150; round++)
        {
            var damaged = whole.ToArray();
            switch (round % 4)
            {
                case 0:
                    // Headers are what decides how the rest is read.
                    damaged[(random.Next(damaged.Length / 512) * 512) + random.Next(160)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    random.NextBytes(damaged.AsSpan(random.Next(damaged.Length - 64), 64));
                    break;
                default:
                    damaged = damaged[..random.Next(damaged.Length)];
                    break;
            }

            try
            {
                var image = await ReadAsync(damaged, kind);
                foreach (var layer in image.Layers)
                    Assert.Equal(layer.Descriptor.Digest, Digest.Of(await LayerBuilderTests.ReadAsync(layer)));
            }
            catch (ContainerizeException e)
            {
                Assert.Contains(e.Code, Expected);
                refused++;
            }
            catch (InvalidDataException) when (kind == ArchiveKind.Oci)
            {
                refused++; // A layer, which is checked when it is read.
            }
        }

        Assert.InRange(refused, 20, 150);
    }

    private async Task<byte[]> ArchiveAsync(string form)
    {
        if (form == "ours")
        {
            using var stream = new MemoryStream();
            await ImageArchive.WriteAsync(ImageSet.Of(MemoryImages.Of("one", "two")), new ImageNames("app", ["1"]), stream, null, default);
            return stream.ToArray();
        }

        var entries = SavedImages.Entries(form == "pax" ? "docker 20" : form, SavedImages.Image("linux/amd64", ["app:1"], "one", "two"));
        if (form != "pax")
            return TestLayer.Of(entries).Tar;
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var item in entries.Where(item => item.Type == TarEntryType.RegularFile))
                writer.WriteEntry(
                    new PaxTarEntry(item.Type, item.Path, [new("comment", "x")]) { DataStream = new MemoryStream(item.Content) });
        }

        return tar.ToArray();
    }

    // Without the cache of the last round: a layer that is known is not read again.
    private Task<Image> ReadAsync(byte[] archive, ArchiveKind kind)
    {
        var cache = _folder["cache"];
        if (Directory.Exists(cache))
            Directory.Delete(cache, recursive: true);
        return ImageArchive.ReadAsync(
            _folder.Write("base.tar", archive),
            kind,
            "the base",
            null,
            new Platform("linux", "amd64"),
            new LayerImporter(new LayerCache(cache), 1),
            default);
    }
}

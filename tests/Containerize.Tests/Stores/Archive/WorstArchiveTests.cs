using System.Formats.Tar;
using System.Text;
using Containerize.Caches;
using Containerize.Fuzz.Worst;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores;
using Containerize.Stores.Archive;
using Containerize.Testing.Registries.Content;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Stores.Archive;

/// <summary>
/// Archives that are made to fill memory or disk or to take time; and that the reader which withstands them finds what is in others.
/// </summary>
public sealed class WorstArchiveTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The same files at the same places as .NET's reader finds, in every format that .NET's writer has.</summary>
    [Fact]
    public void Files_of_a_tar_are_found_where_they_lie() => Gen.Select(
        Gen.OneOf(TarEntryFormat.V7, TarEntryFormat.Ustar, TarEntryFormat.Pax, TarEntryFormat.Gnu),
        Gen.Select(Gen.String[Gen.Char["abc/.é"], 1, 60], Gen.OneOf(Gen.Int[0, 1500], Gen.Int[130_000, 300_000])).List[1, 12])
        .Holds(
            given =>
            {
                var (format, files) = given;
                var expected = new Dictionary<string, byte[]>(StringComparer.Ordinal);
                using var tar = new MemoryStream();
                using (var writer = new TarWriter(tar, format, leaveOpen: true))
                {
                    foreach (var (suffix, size) in files)
                    {
                        var name = $"x{suffix.Replace("/", "y/z", StringComparison.Ordinal)}x";
                        if (format == TarEntryFormat.V7 && Encoding.UTF8.GetByteCount(name) > 100)
                            continue;
                        var content = new byte[size];
                        new Random(size).NextBytes(content);
                        TarEntry entry = format switch
                        {
                            TarEntryFormat.V7 => new V7TarEntry(TarEntryType.V7RegularFile, name),
                            TarEntryFormat.Ustar => new UstarTarEntry(TarEntryType.RegularFile, name),
                            TarEntryFormat.Pax => new PaxTarEntry(TarEntryType.RegularFile, name),
                            _ => new GnuTarEntry(TarEntryType.RegularFile, name),
                        };
                        entry.DataStream = new MemoryStream(content);
                        writer.WriteEntry(entry);
                        expected[name] = content;
                    }
                }

                if (expected.Count == 0)
                    return;
                var found = TarFiles.ScanAsync(_folder.Write("any.tar", tar.ToArray()), default).GetAwaiter().GetResult();
                foreach (var (name, content) in expected)
                {
                    var part = found.Find(name);
                    Assert.NotNull(part);
                    Assert.Equal(content, File.ReadAllBytes(part.Path).AsSpan((int)part.Offset, (int)part.Length));
                }
            },
            cases: 120);

    [Fact]
    public async Task An_archive_without_end_is_refused_while_its_headers_are_read()
    {
        foreach (var (why, pieces) in new (string, IEnumerable<byte[]>)[]
        {
            ("a header has more than 1048576 bytes", [TarBytes.Pax(("path", new string('p', 1_100_000))), TarBytes.Entry('0', "file")]),
            ("the headers of one entry have more than 2097152 bytes", Floods.PaxHeaders(5)),
            ("its headers have more than 4096 bytes for each entry", Floods.LargeNames(80)),
            ("its paths have more than 16777216 characters", Floods.LongPaths(4200)),
            ("it has more than 100000 entries", Floods.Files(100_001)),
            ("a path is longer than any system takes", [TarBytes.Pax(("path", new string('p', 5000))), TarBytes.Entry('0', "file")]),
        })
            await RefusedAsync(why, ArchiveKind.Oci, pieces);
    }

    [Fact]
    public async Task One_index_again_and_again_is_read_once_and_its_images_are_counted_each_time()
    {
        var inner = Packings.Json("""{"manifests":[""", Manifest("arm64"), "]}", 200_000);
        var digest = Digest.Of(inner);
        var entry = $$"""{"mediaType":"{{MediaTypes.OciIndex}}","digest":"{{digest}}","size":{{inner.Length}}}""";
        var files = new CountedFiles(_folder, new()
        {
            ["index.json"] = Packings.Json("""{"manifests":[""", entry, "]}", 100_000),
            [$"blobs/sha256/{digest.Hex}"] = inner,
        });
        var failure = await Assert.ThrowsAsync<FormatException>(() => OciImages.ReadAsync(
            files, "oci:base", null, new Platform("linux", "amd64"), (_, _, _) =>
                throw new InvalidOperationException("A layer."), default));
        Assert.Contains("list more than 10000 images", failure.Message, StringComparison.Ordinal);
        Assert.Equal(["blobs/sha256/" + digest.Hex, "index.json"], files.Found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Documents_of_one_image_have_a_limit_together()
    {
        var files = new CountedFiles(_folder, new() { ["document"] = new byte[Limits.DocumentBytes] });
        var documents = new ImageDocuments(files);
        for (var read = 0L; read < Limits.DocumentsBytes; read += Limits.DocumentBytes)
            await documents.ReadAsync("document", default);
        Assert.Contains(
            "too much to find one image",
            (await Assert.ThrowsAsync<FormatException>(() => documents.ReadAsync("document", default))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_layer_again_and_again_is_taken_in_once()
    {
        var layer = TestLayer.Of(TarItem.File("file", "content"));
        var ids = string.Join(',', Enumerable.Repeat($"\"{layer.DiffId}\"", 300));
        var image = await ReadAsync(
            ArchiveKind.Docker,
            [
                TarBytes.Entry('0', "l", layer.Gzip),
                TarBytes.Entry('0', "c", Encoding.ASCII.GetBytes($$$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[{{{ids}}}]}}""")),
                TarBytes.Entry('0', "manifest.json", Encoding.ASCII.GetBytes($$"""[{"Config":"c","Layers":[{{string.Join(',', Enumerable.Repeat("\"l\"", 300))}}]}]""")),
            ]);
        Assert.Equal(300, image.Layers.Count);
        Assert.Single(image.Layers.Distinct());
    }

    [Fact]
    public async Task A_layer_of_an_archive_that_unpacks_without_end_is_refused()
    {
        var zeros = Packings.Joined([Packings.Gzip(new byte[64 << 20]), Packings.Gzip(new byte[64 << 20])]);
        var config = Encoding.ASCII.GetBytes($$$"""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":["{{{Digest.Of([])}}}"]}}""");
        await RefusedAsync(
            "The layer 'l' in",
            ArchiveKind.Docker,
            [
                TarBytes.Entry('0', "l", Packings.Joined(Enumerable.Repeat(zeros, 35))),
                TarBytes.Entry('0', "c", config),
                TarBytes.Entry('0', "manifest.json", """[{"Config":"c","Layers":["l"]}]"""u8),
            ],
            "unpacks to more than 250 times its size, beyond 4 GiB");
    }

    private async Task RefusedAsync(string why, ArchiveKind kind, IEnumerable<byte[]> pieces, string also = "")
    {
        var failure = await Assert.ThrowsAsync<ContainerizeException>(() => ReadAsync(kind, pieces));
        Assert.Equal(ErrorCodes.BaseContentInvalid, failure.Code);
        Assert.Contains(why, failure.Message, StringComparison.Ordinal);
        Assert.Contains(also, failure.Message, StringComparison.Ordinal);
    }

    private Task<Image> ReadAsync(ArchiveKind kind, IEnumerable<byte[]> pieces) => ImageArchive.ReadAsync(
        _folder.Write("base.tar", Packings.Joined(pieces)),
        kind,
        "the base",
        null,
        new Platform("linux", "amd64"),
        new LayerImporter(new LayerCache(_folder["cache"]), 1),
        default);

    private static string Manifest(string architecture) =>
        $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"sha256:{{{new string('1', 64)}}}","size":1,"platform":{"os":"linux","architecture":"{{{architecture}}}"}}""";

    /// <summary>Files, and which of them were asked for.</summary>
    private sealed class CountedFiles(TempFolder folder, Dictionary<string, byte[]> files) : IImageFiles
    {
        public List<string> Found { get; } = [];

        public string Place => "counted";

        public FilePart? Find(string path)
        {
            if (!files.TryGetValue(path, out var content))
                return null;
            Found.Add(path);
            return new FilePart(folder.Write(Path.GetFileName(path), content), 0, content.Length);
        }
    }
}

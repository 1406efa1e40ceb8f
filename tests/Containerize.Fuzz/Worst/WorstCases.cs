using System.Text;
using Containerize.Caches;
using Containerize.Checks.Elf;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Stores.Archive;

namespace Containerize.Fuzz.Worst;

/// <summary>An input that is made to fill memory or disk, or to take time.</summary>
/// <param name="Name">How the command line calls it.</param>
/// <param name="What">What it is, for the table.</param>
/// <param name="Write">Writes the input.</param>
/// <param name="Read">Reads it, and tells what came of it. Its second argument is a folder for what reading writes.</param>
internal sealed record WorstCase(string Name, string What, Action<Stream> Write, Func<string, string, Task<string>> Read);

/// <summary>The worst input of each generator, as large as its reader bears, or larger.</summary>
internal static class WorstCases
{
    private static readonly string Hash = new('1', 64);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<WorstCase> All { get; } =
    [
        Layer("pax-headers", "PAX headers without end, a key of its own in each record", to => Packings.Gzip(to, Floods.PaxHeaders(100))),
        Layer(
            "empty-headers",
            "empty headers without end",
            to => Packings.Repeat(to, Packings.Gzip(Packings.Joined(Floods.EmptyHeaders(2000)).AsSpan(..^512)), 2000)),
        Layer(
            "small-records",
            "4 KiB of small PAX records for each entry",
            to => Packings.Repeat(to, Packings.Gzip(Packings.Joined(Floods.SmallRecords(1000))), 2001)),
        Layer(
            "large-names",
            "1 MB of GNU name for each entry",
            to => Packings.Repeat(to, Packings.Gzip(Packings.Joined(Floods.LargeNames(10))), 400)),
        Layer("holes", "blocks of GNU holes without end", to =>
        {
            var tar = Packings.Joined(Floods.Holes(2000));
            to.Write(Packings.Gzip(tar));
            Packings.Repeat(to, Packings.Gzip(tar.AsSpan(512)), 4000);
        }),
        Layer("files", "empty files", to => Packings.Gzip(to, Floods.Files(2_000_001))),
        Layer("directories", "directories", to => Packings.Gzip(to, Floods.Directories(2_000_001))),
        Layer(
            "same-file",
            "one path again and again",
            to => Packings.Repeat(to, Packings.Gzip(Packings.Joined(Floods.SameFile(1000))), 2001)),
        Layer(
            "unknown",
            "entries of a type that nobody knows",
            to => Packings.Repeat(to, Packings.Gzip(Packings.Joined(Floods.Unknown(1000))), 4000)),
        Layer("long-paths", "paths of 4090 characters", to => Packings.Gzip(to, Floods.LongPaths(40_000))),
        Layer("long-targets", "link targets of 4090 characters", to => Packings.Gzip(to, Floods.LongTargets(40_000))),
        Layer("deep-paths", "directories, two thousand deep", to => Packings.Gzip(to, Floods.DeepPaths(30_000))),
        Layer("deep-whiteouts", "whiteouts, two thousand deep", to => Packings.Gzip(to, Floods.DeepWhiteouts(30_000))),
        Layer("links-through-links", "hard links through forty long links", to => Packings.Gzip(to, Floods.LinksThroughLinks(20_000))),
        Layer("paths-of-links", "paths of two thousand links", to => Packings.Gzip(to, Floods.PathsOfLinks(30_000))),
        Layer(
            "paths-of-long-links", "paths of a thousand links through forty others", to => Packings.Gzip(to, Floods.PathsOfLongLinks(30))),
        Layer("libraries", "libraries whose version names do not end", to => Packings.Gzip(to, Floods.Libraries(120, 32 << 20))),
        Layer("gzip-zeros", "zeros in gzip", to => Zeros(to, 64, bytes => Packings.Gzip(bytes), 1024)),
        Layer("zstd-zeros", "zeros in zstd", to => Zeros(to, 64, bytes => Packings.Zstd(bytes), 2048)),
        Layer("zstd-window", "a zstd frame that asks for a window of 2 GiB", to => to.Write(Packings.ZstdFrame(31))),
        Layer(
            "zstd-windows",
            "zstd frames without content, with windows of 128 MiB",
            to => Packings.Repeat(to, Packings.ZstdFrame(27), 10_000_000)),
        Layer("zstd-skippable", "zstd frames that are to be skipped", to => Packings.Repeat(to, Packings.SkippableFrame, 10_000_000)),
        Layer("gzip-members", "gzip members without content", to => Packings.Repeat(to, Packings.EmptyMember, 5_000_000)),
        Layer("gzip-name", "a gzip header whose name does not end", to =>
        {
            to.Write(Packings.GzipWithName);
            Packings.Repeat(to, new string('n', 1 << 20).Select(letter => (byte)letter).ToArray(), 256);
        }),
        new("archive-gzip", "an archive of zeros in gzip, below obj", to => Zeros(
            to, 64, bytes => Packings.Gzip(bytes), 64), async (input, folder) =>
        {
            var tar = Path.Combine(folder, "image.tar");
            try
            {
                await ImageArchive.UnpackAsync("docker-archive:base.tar.gz", input, tar, CancellationToken.None);
            }
            finally
            {
                Console.WriteLine($"{new FileInfo(tar).Length >> 20} MiB of disk");
            }

            return "unpacked";
        }),
        Archive("archive-header", "an archive with a PAX header of 256 MB", ArchiveKind.Oci, to =>
        {
            var record = Encoding.ASCII.GetBytes(TarBytes.Record("path", new string('p', 256_000_000)));
            to.Write(TarBytes.Entry('x', "x", record));
            to.Write(TarBytes.Entry('0', "file"));
        }),
        Archive("archive-paths", "an archive with paths of 4090 characters", ArchiveKind.Oci, to => Write(to, Floods.LongPaths(99_000))),
        Archive("archive-files", "an archive of empty files", ArchiveKind.Oci, to => Write(to, Floods.Files(1_000_000))),
        Archive("archive-indexes", "an archive whose index names one large index again and again", ArchiveKind.Oci, to =>
        {
            var inner = Packings.Json("""{"manifests":[""", Manifest("arm64"), "]}", 2 << 20);
            var digest = Digest.Of(inner);
            var entry = $$"""{"mediaType":"{{MediaTypes.OciIndex}}","digest":"{{digest}}","size":{{inner.Length}}}""";
            to.Write(TarBytes.Entry('0', "index.json", Packings.Json("""{"manifests":[""", entry, "]}", 200_000)));
            to.Write(TarBytes.Entry('0', $"blobs/sha256/{digest.Hex}", inner));
        }),
        Archive("archive-layers", "an archive whose manifest names one large layer again and again", ArchiveKind.Docker, to =>
        {
            var tar = Packings.Joined(Enumerable.Repeat(TarBytes.Entry('0', "noise", Noise(1 << 20)), 64));
            var config = Packings.Json("""{"os":"linux","architecture":"amd64","rootfs":{"type":"layers","diff_ids":[""", $"\"{Digest.Of(tar)}\"", "]}}", 76 * 300);
            var layers = System.Text.Json.JsonDocument.Parse(config).RootElement.GetProperty("rootfs").GetProperty("diff_ids")
                .GetArrayLength();
            to.Write(TarBytes.Entry('0', "l", Packings.Gzip(tar)));
            to.Write(TarBytes.Entry('0', "c", config));
            to.Write(TarBytes.Entry('0', "manifest.json", Encoding.ASCII.GetBytes($$"""[{"Config":"c","Layers":[{{string.Join(',', Enumerable.Repeat("\"l\"", layers))}}]}]""")));
        }),
        Document("manifest-layers", "a manifest of many layers", MediaTypes.OciManifest, document => ImageManifest.Read(document),
            $$"""{"config":{"mediaType":"","digest":"sha256:{{Hash}}","size":1},"layers":[""", $$"""{"mediaType":"","digest":"sha256:{{Hash}}","size":1}"""),
        Document("index-images", "an index of many images", MediaTypes.OciIndex, document => ImageIndex.Read(document), """{"manifests":[""", Manifest("amd64")),
        Document("config-history", "a config with a long history", MediaTypes.OciConfig, document => ImageConfig.Read(document), """{"history":[""", "{}"),
        Document("config-layers", "a config of many layers", MediaTypes.OciConfig, document => ImageConfig.Read(document), """{"rootfs":{"diff_ids":[""", $"\"sha256:{Hash}\"", "]}}"),
        Document("config-environment", "a config of many variables", MediaTypes.OciConfig, document => ImageConfig.Read(document), """{"config":{"Env":[""", "\"\"", "]}}"),
        Document("json-arrays", "a document of empty arrays", MediaTypes.OciManifest, document => ImageManifest.Read(document), """{"x":[""", "[]"),
        new(
            "elf-needs",
            "a library that needs sixty thousand others",
            to => to.Write(ElfBytes.WithNeeds(60_000)),
            (input, _) => Task.FromResult($"{ElfFile.Read(input)!.Needed.Count} names")),
    ];

    private static string Manifest(string architecture) =>
        $$$"""{"mediaType":"{{{MediaTypes.OciManifest}}}","digest":"sha256:{{{Hash}}}","size":1,"platform":{"os":"linux","architecture":"{{{architecture}}}"}}""";

    private static WorstCase Layer(string name, string what, Action<Stream> write) => new(name, what, write, async (input, _) =>
    {
        FileList contents;
        var file = File.OpenRead(input);
        await using (file.ConfigureAwait(false))
            contents = await LayerReader.ReadAsync(file, CancellationToken.None).ConfigureAwait(false);
        ImageTree.Of([contents]);
        return $"read, {contents.Entries.Count} entries";
    });

    private static WorstCase Archive(string name, string what, ArchiveKind kind, Action<Stream> write) =>
        new(name, what, write, async (input, folder) =>
    {
        var image = await ImageArchive.ReadAsync(
            input,
            kind,
            "base.tar",
            null,
            new Platform("linux", "amd64"),
            new LayerImporter(new LayerCache(folder), threads: 1),
            CancellationToken.None).ConfigureAwait(false);
        return $"read, {image.Layers.Count} layers";
    });

    private static WorstCase Document(
        string name,
        string what,
        string mediaType,
        Func<ImageDocument, object> read,
        string start,
        string element,
        string end = "]}") => new(
        name,
        what,
        to => to.Write(Packings.Json(start, element, end, 8 << 20)),
        async (input, _) =>
        {
            var document = read(new ImageDocument(mediaType, await File.ReadAllBytesAsync(input).ConfigureAwait(false)));
            GC.KeepAlive(document);
            return "read";
        });

    private static void Zeros(Stream to, int mebibytes, Func<byte[], byte[]> pack, int times)
    {
        to.Write(pack(Packings.Joined(Floods.Zeros(0))));
        Packings.Repeat(to, pack(new byte[mebibytes << 20]), times);
    }

    private static void Write(Stream to, IEnumerable<byte[]> pieces)
    {
        foreach (var piece in pieces)
            to.Write(piece);
    }

    private static byte[] Noise(int length)
    {
        var bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}

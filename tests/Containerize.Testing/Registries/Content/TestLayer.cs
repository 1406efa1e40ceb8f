using System.Formats.Tar;
using System.IO.Compression;
using Containerize.Testing.Registries.Storage;

namespace Containerize.Testing.Registries.Content;

/// <summary>A layer made of a list of entries: the tar, its gzip, and the digests of both. The same list makes the same bytes.</summary>
public sealed class TestLayer
{
    // RFC 1952, 2.3: the byte of the header that says which system wrote it; 255 is "unknown". The runtime writes its own system's.
    private const int GzipSystemOffset = 9;
    private const byte UnknownSystem = 255;

    private TestLayer(byte[] tar)
    {
        Tar = tar;
        Gzip = Compress(tar);
        DiffId = ContentDigest.Of(Tar);
        Digest = ContentDigest.Of(Gzip);
    }

    /// <summary>The tar.</summary>
    public byte[] Tar { get; }

    /// <summary>The tar in gzip, one member without a time and a system.</summary>
    public byte[] Gzip { get; }

    /// <summary>The digest of the tar.</summary>
    public string DiffId { get; }

    /// <summary>The digest of the gzip.</summary>
    public string Digest { get; }

    /// <summary>Makes a layer of entries.</summary>
    public static TestLayer Of(params IEnumerable<TarItem> items)
    {
        using var buffer = new MemoryStream();
        using (var writer = new TarWriter(buffer, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var item in items)
                writer.WriteEntry(ToEntry(item));
        }
        // The runtime writes nothing at all for no entries; an empty tar is its two blocks of zeros.
        return new TestLayer(buffer.Length == 0 ? new byte[1024] : buffer.ToArray());
    }

    /// <summary>A layer of a tar that is already made, well or badly.</summary>
    public static TestLayer OfTar(byte[] tar) => new(tar);

    // PAX is avoided: the runtime writes its process id into every PAX header, and then no digest repeats.
    private static PosixTarEntry ToEntry(TarItem item)
    {
        var fits = System.Text.Ascii.IsValid(item.Path) && System.Text.Ascii.IsValid(item.Target)
            && item.Path.Length <= 100 && item.Target.Length <= 100 && item.Uid <= 0x1fffff && item.Gid <= 0x1fffff;
        PosixTarEntry entry = fits ? new UstarTarEntry(item.Type, item.Path) : new GnuTarEntry(item.Type, item.Path);
        entry.Mode = item.Mode;
        entry.Uid = item.Uid;
        entry.Gid = item.Gid;
        entry.ModificationTime = item.Modified;
        if (item.Type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
            entry.LinkName = item.Target;
        if (item.Type == TarEntryType.RegularFile)
            entry.DataStream = new MemoryStream(item.Content);
        return entry;
    }

    private static byte[] Compress(byte[] tar)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(tar);
        // Nor does it write anything for no bytes (RFC 1952: the header, an empty block, and zeros for CRC and length).
        var bytes = buffer.Length == 0 ? [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, UnknownSystem, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0] : buffer.ToArray();
        bytes[GzipSystemOffset] = UnknownSystem;
        return bytes;
    }
}

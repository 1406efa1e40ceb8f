using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Containerize.Images;
using ZstdSharp;

namespace Containerize.Layers.Contents;

/// <summary>
/// Reads what is in a layer, whoever made it, while its bytes go by: nothing is unpacked, and what a layer can make the memory
/// hold is bounded.
/// </summary>
public static class LayerReader
{
    private const string WhiteoutPrefix = ".wh.";
    private const string WhiteoutOfWhiteouts = ".wh..wh.";
    private const string OpaqueWhiteout = ".wh..wh..opq";

    private const int MostEntries = 2_000_000;

    // PATH_MAX of Linux.
    private const int LongestPath = 4096;

    // Of all paths and targets together: 64 for each of the most entries.
    private const long MostCharacters = 1L << 27;

    // Bytes. Anything may unpack to that.
    private const long HarmlessSize = 1L << 30;

    // Deflate ends at 1032. What zstd packs closer than that is made of one repeated byte.
    private const long HighestRatio = 1100;

    private const int LargestText = 1024 * 1024;
    private const int LargestLibrary = 64 * 1024 * 1024;
    private const int MostLibraries = 100;

    private static readonly string[] Types =
    [
        MediaTypes.OciLayer,
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        MediaTypes.DockerLayer,
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    ];

    // buildah and containerd know zstd in Docker's types, Docker itself does not.
    private static readonly string[] Compressions = ["", "+gzip", "+zstd", ".gzip", ".zstd"];

    /// <summary>Whether layers of this type can be read. Others are encrypted, or for tools of their own.</summary>
    public static bool CanRead(string mediaType) =>
        Types.Any(type => mediaType.StartsWith(type, StringComparison.Ordinal) && Compressions.Contains(mediaType[type.Length..]));

    /// <summary>Reads a layer to its end, which is where a stream that verifies its digest does so.</summary>
    /// <param name="layer">The bytes as they travel; stays open.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or made to do damage.</exception>
    public static async Task<LayerContents> ReadAsync(Stream layer, CancellationToken cancellationToken)
    {
        var start = new byte[4];
        var count = await layer.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        var whole = new PrefixedStream(start.AsMemory(0, count), layer);
        var tar = new UnpackedStream(Unpack(whole, start), whole);
        await using (tar.ConfigureAwait(false))
        {
            try
            {
                var contents = await ReadTarAsync(new TarInput(tar), cancellationToken).ConfigureAwait(false);
                // What stands behind the tar's end means nothing, but the checksums stand there.
                await DrainAsync(tar, cancellationToken).ConfigureAwait(false);
                await DrainAsync(whole, cancellationToken).ConfigureAwait(false);
                return contents;
            }
            catch (ZstdException e)
            {
                throw new InvalidDataException($"The layer's zstd is damaged: {e.Message}", e);
            }
            catch (EndOfStreamException e)
            {
                throw new InvalidDataException("The layer ends too early.", e);
            }
        }
    }

    // By the bytes, not by the media type, as engines do: there are layers whose type says gzip and which are none.
    private static Stream Unpack(Stream layer, ReadOnlySpan<byte> start)
    {
        if (start is [0x1f, 0x8b, ..])
            return new GZipStream(layer, CompressionMode.Decompress, leaveOpen: true);
        // Skippable frames have any of sixteen numbers (RFC 8878, 3.1.2).
        return BinaryPrimitives.ReadUInt32LittleEndian(start) is 0xfd2fb528 or (>= 0x184d2a50 and <= 0x184d2a5f)
            ? new DecompressionStream(layer, leaveOpen: true)
            : layer;
    }

    private static async Task DrainAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) > 0)
        {
        }
    }

    private static async Task<LayerContents> ReadTarAsync(TarInput tar, CancellationToken cancellationToken)
    {
        var entries = new List<ContentEntry>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var versions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var characters = 0L;
        while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } header)
        {
            if (Entry(header) is not { } entry)
                continue;
            characters += entry.Path.Length + (entry.LinkTarget?.Length ?? 0);
            if (entries.Count == MostEntries || characters > MostCharacters)
                throw TarInput.Damaged("it holds more files than an image can sensibly have");
            entries.Add(entry);
            if (entry.Kind != ContentKind.File || header.IsSparse)
                continue;
            if (entry.Path is "etc/passwd" or "etc/group" && entry.Size <= LargestText)
                texts[entry.Path] = Encoding.UTF8.GetString(await ContentAsync(tar, cancellationToken).ConfigureAwait(false));
            else if (IsVersioned(entry.Path) && entry.Size <= LargestLibrary && versions.Count < MostLibraries
                && SymbolVersionReader.Defined(await ContentAsync(tar, cancellationToken).ConfigureAwait(false)) is { Count: > 0 } defined)
                versions[entry.Path] = defined;
        }

        return new LayerContents(entries) { Texts = texts, SymbolVersions = versions };
    }

    private static ContentEntry? Entry(TarHeader header)
    {
        var path = Normalized(header.Name);
        var slash = path.LastIndexOf('/');
        // Directories of the union file systems' own, and files that they had deleted while they were open.
        if (path.StartsWith(WhiteoutPrefix, StringComparison.Ordinal) || path.Contains("/" + WhiteoutPrefix, StringComparison.Ordinal))
            return Whiteout(LayerPath.Parent(path), path[(slash + 1)..], header);
        var kind = header.Type switch
        {
            '5' => ContentKind.Directory,
            '2' => ContentKind.SymbolicLink,
            '1' => ContentKind.HardLink,
            '3' or '4' or '6' => ContentKind.Other,
            _ when header.IsFile => ContentKind.File,
            _ => default(ContentKind?),
        };
        if (kind is not { } known)
            return null;
        var target = known switch
        {
            ContentKind.HardLink => Normalized(header.LinkName),
            ContentKind.SymbolicLink => Checked(header.LinkName),
            _ => null,
        };
        return new ContentEntry(path, known, header.Mode & 0b111_111_111_111, header.UserId, header.GroupId, known == ContentKind.File ? header.Size : 0, target);
    }

    private static ContentEntry? Whiteout(string parent, string name, TarHeader header)
    {
        if (name == OpaqueWhiteout)
            return Mark(parent, ContentKind.OpaqueDirectory);
        var isMark = name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal) && !name.StartsWith(WhiteoutOfWhiteouts, StringComparison.Ordinal)
            && !parent.Split('/').Any(part => part.StartsWith(WhiteoutPrefix, StringComparison.Ordinal));
        if (!isMark || !header.IsFile)
            return null;
        var gone = name[WhiteoutPrefix.Length..];
        return gone is "" or "." or ".."
            ? throw TarInput.Damaged($"'{ErrorText.Clean(name, 100)}' removes nothing that has a name")
            : Mark(parent.Length == 0 ? gone : $"{parent}/{gone}", ContentKind.Whiteout);

        static ContentEntry Mark(string path, ContentKind kind) => new(path, kind, 0, 0, 0);
    }

    private static string Normalized(string name)
    {
        var parts = new List<string>();
        foreach (var part in Checked(name).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count == 0)
                    throw TarInput.Damaged($"the path '{ErrorText.Clean(name, 100)}' leads out of the image");
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private static string Checked(string name)
    {
        if (name.Length > LongestPath)
            throw TarInput.Damaged("a path is longer than any system takes");
        return name.Contains('\0', StringComparison.Ordinal) ? throw TarInput.Damaged("a path holds a zero") : name;
    }

    // glibc and the C++ library, under the names that they had and have: what applications and their natives ask for by version.
    private static bool IsVersioned(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        return name is "libc.so.6" or "libm.so.6"
            || name.StartsWith("libstdc++.so.6", StringComparison.Ordinal)
            || ((name.StartsWith("libc-2.", StringComparison.Ordinal) || name.StartsWith("libm-2.", StringComparison.Ordinal)) && name.EndsWith(".so", StringComparison.Ordinal));
    }

    private static async Task<byte[]> ContentAsync(TarInput tar, CancellationToken cancellationToken)
    {
        // Grows with what comes, and not with what a header promises.
        using var content = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = await tar.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            content.Write(buffer, 0, count);
        return content.ToArray();
    }

    /// <summary>A stream whose first bytes were read already. Its position is the number of bytes that were read.</summary>
    private sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : OnePassStream
    {
        private ReadOnlyMemory<byte> _prefix = prefix;
        private long _position;

        public override bool CanRead => true;

        public override long Position
        {
            get => _position;
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            if (_prefix.IsEmpty)
                return Counted(rest.Read(buffer));
            var count = Math.Min(_prefix.Length, buffer.Length);
            _prefix.Span[..count].CopyTo(buffer);
            _prefix = _prefix[count..];
            return Counted(count);
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _prefix.IsEmpty ? Counted(await rest.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) : Read(buffer.Span);

        private int Counted(int count)
        {
            _position += count;
            return count;
        }
    }

    /// <summary>What a layer unpacks to, and no more of it than somebody means: a megabyte can hold a terabyte of zeros.</summary>
    private sealed class UnpackedStream(Stream unpacked, PrefixedStream packed) : OnePassStream
    {
        private long _read;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer) => Checked(unpacked.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Checked(await unpacked.ReadAsync(buffer, cancellationToken).ConfigureAwait(false));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                unpacked.Dispose();
            base.Dispose(disposing);
        }

        private int Checked(int count)
        {
            _read += count;
            return _read <= HarmlessSize || _read / HighestRatio <= packed.Position ? count : throw TarInput.Damaged("it unpacks to more than a thousand times its size");
        }
    }
}

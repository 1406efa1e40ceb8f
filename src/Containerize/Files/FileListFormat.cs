using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Containerize.Images;

namespace Containerize.Files;

/// <summary>
/// The contents of a layer as bytes: made to be small and to be read at once. Each path is told by what it shares with the one
/// before; numbers take as many bytes as they need; a hash at the end tells of damage. The layer's digest is in it: a file under another
/// layer's name is none.
/// </summary>
internal static class FileListFormat
{
    /// <summary>
    /// The form of the bytes and what is read from layers: another number where either changes. Files of another form are read anew from
    /// their layers.
    /// </summary>
    public const int Version = 2;

    private static ReadOnlySpan<byte> Magic => "CTZLAYER"u8;

    private static int HeaderLength => Magic.Length + sizeof(int);

    /// <summary>The bytes of a layer's contents.</summary>
    public static byte[] Write(Digest layer, FileList contents)
    {
        using var output = new MemoryStream();
        using var writer = new BinaryWriter(output);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(layer.ToString());
        writer.Write7BitEncodedInt(contents.Entries.Count);
        byte[] before = [];
        foreach (var entry in contents.Entries)
        {
            var path = Encoding.UTF8.GetBytes(entry.Path);
            var shared = path.AsSpan().CommonPrefixLength(before);
            writer.Write((byte)entry.Kind);
            writer.Write7BitEncodedInt(shared);
            writer.Write7BitEncodedInt(path.Length - shared);
            writer.Write(path, shared, path.Length - shared);
            before = path;
            if (entry.Kind is ContentKind.Whiteout or ContentKind.OpaqueDirectory)
                continue;
            writer.Write7BitEncodedInt(entry.Mode);
            writer.Write7BitEncodedInt(entry.UserId);
            writer.Write7BitEncodedInt(entry.GroupId);
            if (entry.Kind == ContentKind.File)
                writer.Write7BitEncodedInt64(entry.Size);
            else if (HasTarget(entry.Kind))
                writer.Write(entry.LinkTarget!);
        }

        writer.Write7BitEncodedInt(contents.Texts.Count);
        foreach (var (path, text) in contents.Texts.OrderBy(text => text.Key, StringComparer.Ordinal))
        {
            writer.Write(path);
            writer.Write(text);
        }

        writer.Write7BitEncodedInt(contents.SymbolVersions.Count);
        foreach (var (path, versions) in contents.SymbolVersions.OrderBy(versions => versions.Key, StringComparer.Ordinal))
        {
            writer.Write(path);
            writer.Write7BitEncodedInt(versions.Count);
            foreach (var version in versions)
                writer.Write(version);
        }

        writer.Write(XxHash3.HashToUInt64(output.GetBuffer().AsSpan(0, (int)output.Length)));
        return output.ToArray();
    }

    /// <summary>The contents of some bytes; null where they are damaged, of another form, or of another layer.</summary>
    public static FileList? Read(Digest layer, byte[] bytes)
    {
        var end = bytes.Length - sizeof(ulong);
        if (end < HeaderLength || !bytes.AsSpan().StartsWith(
            Magic) || BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(Magic.Length)) != Version
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(end)) != XxHash3.HashToUInt64(bytes.AsSpan(0, end)))
            return null;
        try
        {
            using var reader = new BinaryReader(new MemoryStream(bytes, HeaderLength, end - HeaderLength));
            return reader.ReadString() == layer.ToString() ? Read(reader) : null;
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or ArgumentException)
        {
            return null; // Its writer was wrong, not the disk.
        }
    }

    private static FileList Read(BinaryReader reader)
    {
        var count = reader.Read7BitEncodedInt();
        var entries = new List<ContentEntry>();
        var path = new byte[256];
        for (var i = 0; i < count; i++)
        {
            var kind = (ContentKind)reader.ReadByte();
            var shared = reader.Read7BitEncodedInt();
            var length = shared + reader.Read7BitEncodedInt();
            if (length > path.Length)
                Array.Resize(ref path, length * 2);
            reader.BaseStream.ReadExactly(path, shared, length - shared);
            var text = Encoding.UTF8.GetString(path, 0, length);
            entries.Add(kind is ContentKind.Whiteout or ContentKind.OpaqueDirectory
                ? new ContentEntry(text, kind, 0, 0, 0)
                : new ContentEntry(
                    text,
                    kind,
                    reader.Read7BitEncodedInt(),
                    reader.Read7BitEncodedInt(),
                    reader.Read7BitEncodedInt(),
                    kind == ContentKind.File ? reader.Read7BitEncodedInt64() : 0,
                    HasTarget(kind) ? reader.ReadString() : null));
        }

        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
            texts[reader.ReadString()] = reader.ReadString();
        var versions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        for (var left = reader.Read7BitEncodedInt(); left > 0; left--)
        {
            var library = reader.ReadString();
            var defined = new List<string>();
            for (var names = reader.Read7BitEncodedInt(); names > 0; names--)
                defined.Add(reader.ReadString());
            versions[library] = defined;
        }

        return new FileList(entries) { Texts = texts, SymbolVersions = versions };
    }

    private static bool HasTarget(ContentKind kind) => kind is ContentKind.SymbolicLink or ContentKind.HardLink;
}

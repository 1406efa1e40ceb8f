using System.Buffers;
using System.Text;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;

namespace Containerize.Files;

/// <summary>
/// Reads what is in a layer of any origin, while its bytes go by: nothing is unpacked, and what a layer can make the memory
/// hold is bounded (<see cref="Limits"/>).
/// </summary>
internal static class LayerReader
{
    private const string WhiteoutPrefix = ".wh.";
    private const string WhiteoutOfWhiteouts = ".wh..wh.";
    private const string OpaqueWhiteout = ".wh..wh..opq";

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
    public static Task<FileList> ReadAsync(Stream layer, CancellationToken cancellationToken) =>
        ReadAsync(layer, new FileListBudget(), cancellationToken);

    /// <summary>Reads a layer of an image, all layers of which share what there may be of files.</summary>
    /// <param name="layer">The bytes as they travel; stays open.</param>
    /// <param name="budget">What the image may still hold.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="InvalidDataException">It is damaged, or made to do damage.</exception>
    internal static async Task<FileList> ReadAsync(Stream layer, FileListBudget budget, CancellationToken cancellationToken)
    {
        try
        {
            var tar = await UnpackedStream.OpenAsync(layer, Limits.Reading, "The layer", cancellationToken).ConfigureAwait(false);
            await using (tar.ConfigureAwait(false))
            {
                var contents = await ReadTarAsync(
                    new TarInput(tar, Limits.EntriesOfImage), budget, cancellationToken).ConfigureAwait(false);
                await tar.DrainAsync(cancellationToken).ConfigureAwait(false);
                return contents;
            }
        }
        catch (EndOfStreamException e)
        {
            throw new InvalidDataException("The layer ends too early.", e);
        }
    }

    private static async Task<FileList> ReadTarAsync(TarInput tar, FileListBudget budget, CancellationToken cancellationToken)
    {
        var entries = new List<ContentEntry>();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var versions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        var libraries = 0;
        // Grows with what comes, and not with what a header promises; for all files that are read whole.
        var content = new ArrayBufferWriter<byte>();
        while (await tar.NextAsync(cancellationToken).ConfigureAwait(false) is { } header)
        {
            if (Entry(header) is not { } entry)
                continue;
            budget.Take(entry);
            entries.Add(entry);
            if (entry.Kind != ContentKind.File || header.IsSparse)
                continue;
            if (entry.Path is "etc/passwd" or "etc/group" && entry.Size <= Limits.TextBytes)
                texts[entry.Path] = Encoding.UTF8.GetString(
                    (await ContentAsync(tar, content, cancellationToken).ConfigureAwait(false)).Span);
            else if (IsVersioned(entry.Path) && entry.Size <= Limits.LibraryBytes && libraries++ < Limits.LibrariesOfLayer
                && SymbolVersionReader.Defined(
                    (await ContentAsync(tar, content, cancellationToken).ConfigureAwait(false)).Span) is { Count: > 0 } defined)
                versions[entry.Path] = defined;
        }

        budget.Take(texts, versions);
        return new FileList(entries) { Texts = texts, SymbolVersions = versions };
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
        return new ContentEntry(
            path,
            known,
            header.Mode & 0b111_111_111_111,
            header.UserId,
            header.GroupId,
            known == ContentKind.File ? header.Size : 0,
            target);
    }

    private static ContentEntry? Whiteout(string parent, string name, TarHeader header)
    {
        if (name == OpaqueWhiteout)
            return Mark(parent, ContentKind.OpaqueDirectory);
        var isMark = name.StartsWith(WhiteoutPrefix, StringComparison.Ordinal)
            && !name.StartsWith(WhiteoutOfWhiteouts, StringComparison.Ordinal)
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
        if (name.Length > Limits.PathLength)
            throw TarInput.Damaged("a path is longer than any system takes");
        return name.Contains('\0', StringComparison.Ordinal) ? throw TarInput.Damaged("a path holds a zero") : name;
    }

    // glibc and the C++ library, under the names that they had and have: what applications and their natives ask for by version.
    private static bool IsVersioned(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        return name is "libc.so.6" or "libm.so.6"
            || name.StartsWith("libstdc++.so.6", StringComparison.Ordinal)
            || ((name.StartsWith("libc-2.", StringComparison.Ordinal) || name.StartsWith("libm-2.", StringComparison.Ordinal))
                && name.EndsWith(".so", StringComparison.Ordinal));
    }

    private static async Task<ReadOnlyMemory<byte>> ContentAsync(
        TarInput tar, ArrayBufferWriter<byte> content, CancellationToken cancellationToken)
    {
        content.ResetWrittenCount();
        int count;
        while ((count = await tar.ReadAsync(content.GetMemory(), cancellationToken).ConfigureAwait(false)) > 0)
            content.Advance(count);
        return content.WrittenMemory;
    }
}

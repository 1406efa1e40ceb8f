namespace Containerize;

/// <summary>
/// What is read of foreign bytes at the most: of layers, archives, layouts and documents that others have made. All figures are here, with
/// their units and reasons, so that one rule holds for all readers; docs/design/limits.md has them in a table, with what their worst cases
/// take.
/// </summary>
/// <remarks>
/// There is no limit on time: the time that a reader takes follows from the bytes, entries and steps that are limited here. Real images
/// have to pass, also odd ones; the largest known ones are named with each figure.
/// </remarks>
internal static class Limits
{
    /// <summary>Bytes of a manifest, an index or a config. The distribution spec wants registries to accept 4 MiB.</summary>
    public const int DocumentBytes = 8 << 20;

    /// <summary>
    /// Bytes of all documents that are read to find one image in an archive or a layout. A config has 10 KB, so that is twenty thousand of
    /// them.
    /// </summary>
    public const long DocumentsBytes = 256L << 20;

    /// <summary>Levels of a document. Those of images have six.</summary>
    public const int DocumentDepth = 64;

    /// <summary>
    /// Names, values, braces and brackets of a document. A parsed value takes up to 200 bytes, whatever it took as text. An index of ten
    /// thousand images has 240 000, the longest list of tags that is read half a million.
    /// </summary>
    public const int DocumentTokens = 600_000;

    /// <summary>Images of an index, and those of a layout with the indexes in it. Mirrors of whole registries have some thousand.</summary>
    public const int ImagesOfIndex = 10_000;

    /// <summary>Layers of an image. Linux lays at most 500 one over another (OVL_MAX_STACK), Docker 127.</summary>
    public const int LayersOfImage = 1000;

    /// <summary>Lines of a history. Docker writes one for each instruction, and most have no layer.</summary>
    public const int HistoryOfImage = 10_000;

    /// <summary>Bytes that a descriptor may claim. The largest that a registry takes has 200 GB; sums of these fit in 64 bits.</summary>
    public const long BlobBytes = 1L << 50;

    /// <summary>
    /// Bytes of the build's own documents: assets, runtime configurations, graphs of identifiers. NuGet writes 12 MB for a thousand
    /// packages.
    /// </summary>
    public const long BuildDocumentBytes = 64L << 20;

    /// <summary>
    /// Bytes of a header that says more of an entry: PAX, GNU's long names. Go, and so each engine, refuses more (archive/tar,
    /// maxSpecialFileSize).
    /// </summary>
    public const int HeaderBytes = 1 << 20;

    /// <summary>
    /// Bytes of all such headers of one entry, with the blocks of GNU's holes. Most file systems of Linux keep at most 64 KiB of attributes
    /// of a file.
    /// </summary>
    public const long HeaderBytesOfEntry = 2L << 20;

    /// <summary>Bytes of such headers that any tar may have.</summary>
    public const long HeaderBytesOfTar = 64L << 20;

    /// <summary>
    /// Bytes of such headers that each entry adds to that. Windows' security descriptors and IMA signatures take 1.5 KiB with their
    /// headers.
    /// </summary>
    public const long HeaderBytesForEntry = 4 << 10;

    /// <summary>Characters of a path or a link's target: PATH_MAX of Linux.</summary>
    public const int PathLength = 4096;

    /// <summary>
    /// Entries of an archive of images, which has a few for each layer. A root file system that is given in place of one has more.
    /// </summary>
    public const int EntriesOfArchive = 100_000;

    /// <summary>Characters of all paths and targets of an archive of images; 160 for each of the most entries.</summary>
    public const long NamesOfArchive = 16L << 20;

    /// <summary>
    /// Entries of a layer, and of all layers of an image. The images of CI runners, with all tools of all languages, have a million and a
    /// half.
    /// </summary>
    public const int EntriesOfImage = 2_000_000;

    /// <summary>Characters of all paths and targets of an image's layers; 64 for each of the most entries.</summary>
    public const long NamesOfImage = 128L << 20;

    /// <summary>
    /// What the files of an image may take in memory when they lie one over the other: characters of paths and targets, and a hundred more
    /// for each file. An image of 300 000 files takes a fifth.
    /// </summary>
    public const long TreeOfImage = 256L << 20;

    /// <summary>
    /// What directories may take of that for which no layer has an entry: one path of 4096 characters makes two thousand of them, with
    /// eight MB of names. Bazel, Jib and Nix write layers without directories; 300 000 of them take four fifths.
    /// </summary>
    public const long ImpliedOfImage = 64L << 20;

    /// <summary>
    /// Parts of paths that are walked because links of a layer lead there, while it is laid over others, and eight more for each link. Each
    /// takes 150 ns. Links of real layers lead through one or two others, of some parts each.
    /// </summary>
    public const long StepsOverLinks = 32L << 20;

    /// <summary>Bytes of a text that names are looked up in, such as <c>etc/passwd</c>.</summary>
    public const int TextBytes = 1 << 20;

    /// <summary>
    /// Bytes of a library whose symbol versions are read. glibc has 2 MB, the C++ library 3 MB, with its debug information 20 MB.
    /// </summary>
    public const int LibraryBytes = 32 << 20;

    /// <summary>Libraries of a layer whose symbol versions are read. Three for each architecture of a distribution.</summary>
    public const int LibrariesOfLayer = 100;

    /// <summary>
    /// Log2 of the bytes that a zstd frame may refer back to, all of which are kept in memory: 128 MiB, as <c>zstd -d</c> takes without
    /// options. RFC 8878 (3.1.1.1.2) recommends that 8 MiB are accepted at the least; <c>zstd --ultra -22</c> and <c>--long</c> write 128
    /// MiB, BuildKit's highest level 32.
    /// </summary>
    public const int ZstdWindowLog = 27;

    /// <summary>
    /// Reading without keeping, as layers are. Any file of zeros packs a thousand times (deflate's bound is 1032), so some GiB of it pass:
    /// swap files and disks of virtual machines. What is no zeros packs ten times, seldom fifty. The largest known layers unpack to some
    /// tens of GB.
    /// </summary>
    public static UnpackLimits Reading { get; } = new(Free: 4L << 30, Ratio: 250, Most: 256L << 30);

    /// <summary>Unpacking to the disk, as archives in gzip are: below <c>obj</c>, where a full disk would come as a surprise.</summary>
    public static UnpackLimits OnDisk { get; } = new(Free: 512L << 20, Ratio: 100, Most: 128L << 30);
}

/// <summary>How much some bytes may unpack to.</summary>
/// <param name="Free">Bytes that anything may unpack to.</param>
/// <param name="Ratio">More than that only up to so many times the packed bytes.</param>
/// <param name="Most">Bytes, whatever the packed ones are.</param>
internal sealed record UnpackLimits(long Free, int Ratio, long Most)
{
    /// <summary>
    /// Packed bytes that may unpack to nothing: empty members of gzip, empty and skippable frames of zstd, a name in a header. podman's
    /// tables of contents (zstd:chunked) are such, and smaller than the headers of the files that they list.
    /// </summary>
    public long Idle { get; init; } = 64L << 20;
}

using Containerize.Caches;
using Containerize.Checks.Elf;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;
using Containerize.Stores.Archive;

namespace Containerize.Fuzz.Targets;

/// <summary>Layers, archives of images, and files in them.</summary>
internal static class Files
{
    // Bytes. Inputs have some ten thousand; the largest that is kept of any is a library, whose buffer doubles until it fits.
    private const long MostAllocated = 512L << 20;

    private const int MostLookups = 50;

    private static readonly UnpackLimits Small = new(Free: 64 << 10, Ratio: 10, Most: 1 << 20) { Idle = 300 << 10 };

    /// <summary>A layer as it travels: a tar, in gzip or zstd or plain. What is allocated for it is limited, too.</summary>
    public static void Layer(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Contents(input);
        if (GC.GetAllocatedBytesForCurrentThread() - before is > MostAllocated and var allocated)
            throw new InvalidOperationException($"{input.Length} bytes made {allocated} of memory.");
    }

    /// <summary>A layer that is laid over itself, and asked for what is in it.</summary>
    public static void Tree(byte[] input)
    {
        if (Contents(input) is not { } contents)
            return;
        ImageTree tree;
        try
        {
            tree = ImageTree.Of([contents, contents]);
        }
        catch (InvalidDataException e)
        {
            Messages.Check(e);
            return;
        }

        foreach (var entry in contents.Entries.Take(MostLookups))
        {
            var physical = tree.Resolve(entry.Path);
            if (physical is not null && tree.Resolve(physical) != physical)
                throw new InvalidOperationException($"'{entry.Path}' leads to '{physical}', which leads elsewhere.");
            _ = (tree.Find(entry.Path), tree.FindLink(entry.LinkTarget ?? ""), tree.Text(entry.Path), tree.Names(entry.Path).Count());
        }

        var copy = tree.Copy();
        if (!copy.Names("").SequenceEqual(tree.Names("")))
            throw new InvalidOperationException("A copy has other files.");
    }

    /// <summary>Bytes in gzip, zstd or neither, with limits that an input can reach.</summary>
    public static void Unpack(byte[] input)
    {
        var unpacked = 0L;
        try
        {
            using var source = new MemoryStream(input, writable: false);
            using var stream = UnpackedStream.OpenAsync(source, Small, "It", CancellationToken.None).GetAwaiter().GetResult();
            var buffer = new byte[10_000];
            int count;
            while ((count = stream.Read(buffer)) > 0)
                unpacked += count;
            stream.DrainAsync(CancellationToken.None).GetAwaiter().GetResult();
            if (source.Position != input.Length)
                throw new InvalidOperationException("It was not read to its end.");
        }
        catch (InvalidDataException e)
        {
            Messages.Check(e);
        }

        if (unpacked > Math.Min(Small.Most, Math.Max(Small.Free, Small.Ratio * (input.Length + 1L))))
            throw new InvalidOperationException($"{input.Length} bytes unpack to {unpacked}.");
    }

    /// <summary>A native file, which is read without an error whatever is in it.</summary>
    public static void Elf(byte[] input)
    {
        using var file = new MemoryStream(input, writable: false);
        var elf = ElfFile.Read(file);
        if ((elf?.IsProgram ?? false) != ElfFile.IsProgramAt(file))
            throw new InvalidOperationException("Two answers to one question.");
        if (elf is not null && elf.Needed.Count + elf.VersionNeeds.Sum(need => need.Versions.Count) > 10_000)
            throw new InvalidOperationException("More needs than any file has.");
        SymbolVersionReader.Defined(input);
    }

    /// <summary>An archive in either of the two forms.</summary>
    public static void Archive(byte[] input)
    {
        var folder = Directory.CreateTempSubdirectory("containerize-fuzz-");
        try
        {
            var path = Path.Combine(folder.FullName, "archive.tar");
            File.WriteAllBytes(path, input);
            foreach (var kind in new[] { ArchiveKind.Oci, ArchiveKind.Docker })
                Read(path, kind, new LayerImporter(new LayerCache(folder.FullName), threads: 1));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static FileList? Contents(byte[] input)
    {
        try
        {
            using var stream = new MemoryStream(input, writable: false);
            return LayerReader.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (InvalidDataException e)
        {
            // Documented for what is damaged.
            Messages.Check(e);
            return null;
        }
    }

    private static void Read(string path, ArchiveKind kind, LayerImporter layers)
    {
        try
        {
            ImageArchive.ReadAsync(
                path,
                kind,
                "oci-archive:archive.tar",
                null,
                new Platform("linux", "amd64"),
                layers,
                CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ContainerizeException e)
        {
            // Documented for all that is wrong with one.
            Messages.Check(e);
        }
    }
}

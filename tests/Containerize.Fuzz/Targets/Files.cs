using Containerize.Caching;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Contents;
using Containerize.Stores;

namespace Containerize.Fuzz.Targets;

/// <summary>Layers, and archives of images.</summary>
internal static class Files
{
    /// <summary>A layer as it travels: a tar, in gzip or zstd or plain.</summary>
    public static void Layer(byte[] input)
    {
        try
        {
            using var stream = new MemoryStream(input, writable: false);
            LayerReader.ReadAsync(stream, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (InvalidDataException e)
        {
            // Documented for what is damaged.
            Messages.Check(e);
        }
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

    private static void Read(string path, ArchiveKind kind, LayerImporter layers)
    {
        try
        {
            ImageArchive.ReadAsync(path, kind, "oci-archive:archive.tar", null, new Platform("linux", "amd64"), layers, CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (ContainerizeException e)
        {
            // Documented for all that is wrong with one.
            Messages.Check(e);
        }
    }
}

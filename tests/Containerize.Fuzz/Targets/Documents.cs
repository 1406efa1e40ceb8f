using System.Text.Json;
using Containerize.Images;

namespace Containerize.Fuzz.Targets;

/// <summary>Documents of images. They are also used: what is read without an error must not fail later.</summary>
internal static class Documents
{
    public static void Manifest(byte[] input) => Read(input, MediaTypes.OciManifest, document =>
    {
        var manifest = ImageManifest.Read(document);
        Use(manifest.Layers.Append(manifest.Config));
    });

    public static void Index(byte[] input) => Read(input, MediaTypes.OciIndex, document =>
    {
        var index = ImageIndex.Read(document);
        Use(index.Manifests);
        index.Find(new Platform("linux", "arm", "v7"));
    });

    public static void Config(byte[] input) => Read(input, MediaTypes.OciConfig, document =>
    {
        var config = ImageConfig.Read(document);
        _ = (config.HasHealthcheck, config.HasHistory, config.Volumes);
        ImageConfig.Read(config.With(Change, ImageFormat.Docker).Document);
    });

    /// <summary>What an image on top of one changes, all of it.</summary>
    public static void Change(ImageConfig.Editor config)
    {
        config.SetCreated(DateTimeOffset.UnixEpoch);
        config.SetUser("u");
        config.SetWorkingDirectory("/w");
        config.SetCommand(null);
        config.SetEntrypoint(["e"]);
        config.ExposePort("80/tcp");
        config.AddVolume("/v");
        config.SetStopSignal("SIGTERM");
        config.SetLabel("a", "x");
        config.RemoveLabel("b");
        config.SetEnvironmentVariable("PATH", "v");
        config.RemoveBuildTriggers();
        config.SetHealthcheck(["NONE"], null, null, null, null, 1);
        config.CompleteHistory(3);
        config.AddLayer(Digest.Of([1]), DateTimeOffset.UnixEpoch, "by", "comment");
    }

    private static void Use(IEnumerable<Descriptor> descriptors)
    {
        using var writer = new Utf8JsonWriter(Stream.Null);
        writer.WriteStartArray();
        foreach (var descriptor in descriptors)
        {
            _ = (descriptor.Platform?.ToString(), descriptor.IsForeign, descriptor.GetHashCode());
            descriptor.WriteTo(writer);
        }
    }

    private static void Read(byte[] input, string mediaType, Action<ImageDocument> read)
    {
        try
        {
            read(new ImageDocument(mediaType, input));
        }
        catch (FormatException e)
        {
            // Documented for what is no such document.
            Messages.Check(e);
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Containerize.Hosting;
using Containerize.Layers;

namespace Containerize.Planning;

/// <summary>Plans as JSON files.</summary>
internal static class PlanFile
{
    /// <summary>Writes a plan, whole or not at all.</summary>
    public static Task WriteAsync(string path, ImagePlan plan, CancellationToken cancellationToken) =>
        AtomicFile.WriteAsync(path, Serialize(plan), cancellationToken);

    /// <summary>The plan as its file holds it.</summary>
    public static byte[] Serialize(ImagePlan plan) => JsonSerializer.SerializeToUtf8Bytes(plan, PlanJson.Create().ImagePlan);

    /// <summary>Reads a plan.</summary>
    /// <exception cref="JsonException">It is none, or one of another version.</exception>
    public static ImagePlan Read(ReadOnlySpan<byte> content) =>
        JsonSerializer.Deserialize(content, PlanJson.Create().ImagePlan) ?? throw new JsonException("The plan is empty.");
}

/// <summary>How plans are written, for people and for steps that run in another process than the one before.</summary>
[JsonSerializable(typeof(ImagePlan))]
internal sealed partial class PlanJson : JsonSerializerContext
{
    public static PlanJson Create() => new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
        Converters =
        {
            new LayerEntryConverter(),
            new ImageLocationConverter(),
            new JsonStringEnumConverter<DestinationKind>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<AppCommandInstruction>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<AnnotationScope>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Images.ImageFormat>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Layers.Compression.CompressionMethod>(JsonNamingPolicy.CamelCase),
            new JsonStringEnumConverter<Checks.CheckSeverity>(JsonNamingPolicy.CamelCase),
        },
    });
}

/// <summary>Writes the mode in octal and leaves out what is usual: plans are read by people.</summary>
internal sealed class LayerEntryConverter : JsonConverter<LayerEntry>
{
    public override LayerEntry Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var entry = new LayerEntry("", LayerEntryKind.File, "", LayerEntry.FileMode);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            entry = name switch
            {
                "path" => entry with { Path = reader.GetString()! },
                "mode" => entry with { Mode = Convert.ToInt32(reader.GetString(), 8) },
                "user" => entry with { UserId = reader.GetInt32() },
                "group" => entry with { GroupId = reader.GetInt32() },
                "file" => entry with { Kind = LayerEntryKind.File, Source = reader.GetString()! },
                "symlink" => entry with { Kind = LayerEntryKind.SymbolicLink, Source = reader.GetString()! },
                "timeFromContent" => entry with { TimeFromContent = reader.GetBoolean() },
                "directory" => entry with { Kind = LayerEntryKind.Directory },
                "removed" => entry with { Kind = LayerEntryKind.Whiteout },
                "owner" => entry with { OwnerName = reader.GetString() },
                "given" => entry with { IsGiven = reader.GetBoolean() },
                _ => throw new JsonException($"An entry of a layer has the unknown member '{name}'."),
            };
        }

        return entry;
    }

    public override void Write(Utf8JsonWriter writer, LayerEntry value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString("path", value.Path);
        if (value.Kind == LayerEntryKind.Directory)
            writer.WriteBoolean("directory", true);
        else if (value.Kind == LayerEntryKind.Whiteout)
            writer.WriteBoolean("removed", true);
        else
            writer.WriteString(value.Kind == LayerEntryKind.SymbolicLink ? "symlink" : "file", value.Source);
        writer.WriteString("mode", Convert.ToString(value.Mode, 8).PadLeft(4, '0'));
        if (value.TimeFromContent)
            writer.WriteBoolean("timeFromContent", true);
        if (value.OwnerName is not null)
            writer.WriteString("owner", value.OwnerName);
        if (value.IsGiven)
            writer.WriteBoolean("given", true);
        if (value.UserId != 0)
            writer.WriteNumber("user", value.UserId);
        if (value.GroupId != 0)
            writer.WriteNumber("group", value.GroupId);
        writer.WriteEndObject();
    }
}

/// <summary>Writes a location as projects write it.</summary>
internal sealed class ImageLocationConverter : JsonConverter<ImageLocation>
{
    public override ImageLocation Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ImageLocation.TryParse(reader.GetString() ?? "", out var location)
            && location is not { Kind: LocationKind.Registry, Reference: null }
            ? location
            : throw new JsonException("The plan names no base image.");

    public override void Write(Utf8JsonWriter writer, ImageLocation value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Containerize.Images;

/// <summary>
/// The config of one image (image-spec, config.md). It is kept as the JSON that it was read from, so that members
/// that are unknown here (Shell, StopTimeout, a vendor's own) survive a build on top of it.
/// </summary>
internal sealed class ImageConfig
{
    private readonly JsonObject _root;

    private ImageConfig(ImageDocument document, JsonObject root)
    {
        Document = document;
        _root = root;
    }

    /// <summary>The bytes. Their digest is what engines call the image id.</summary>
    public ImageDocument Document { get; }

    /// <summary>The platform that the image is for.</summary>
    public Platform Platform => new(Text(_root, "os") ?? "", Text(_root, "architecture") ?? "", Text(_root, "variant"));

    /// <summary>The digests of the uncompressed layers, base first.</summary>
    public IReadOnlyList<Digest> DiffIds =>
        [.. (_root["rootfs"] as JsonObject)?["diff_ids"] is JsonArray ids ? ids.Select(id => Digest.Parse((string?)id ?? "")) : []];

    /// <summary>The number of history entries that stand for a layer.</summary>
    public int LayersInHistory => History.Count(StandsForLayer);

    /// <summary>Whether there is a history at all.</summary>
    public bool HasHistory => _root["history"] is JsonArray;

    /// <summary>Environment variables, in their order.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Environment => [.. Strings("Env").Select(SplitVariable)];

    /// <summary>ENTRYPOINT; null where the image has none.</summary>
    public IReadOnlyList<string>? Entrypoint => Runtime?["Entrypoint"] is JsonArray ? Strings("Entrypoint") : null;

    /// <summary>CMD; null where the image has none.</summary>
    public IReadOnlyList<string>? Command => Runtime?["Cmd"] is JsonArray ? Strings("Cmd") : null;

    /// <summary>USER; null where the image has none.</summary>
    public string? User => Runtime is { } runtime ? Text(runtime, "User") : null;

    /// <summary>WORKDIR; null where the image has none.</summary>
    public string? WorkingDirectory => Runtime is { } runtime ? Text(runtime, "WorkingDir") : null;

    /// <summary>Whether there is a health check: Docker's own, which the OCI config does not know.</summary>
    public bool HasHealthcheck => Runtime?["Healthcheck"] is JsonObject;

    /// <summary>
    /// What the health check runs: <c>CMD</c> and words, <c>CMD-SHELL</c> and a line, or <c>NONE</c>; empty where nothing is said.
    /// </summary>
    public IReadOnlyList<string> HealthcheckTest => Strings(Runtime?["Healthcheck"] as JsonObject, "Test");

    /// <summary>Docker's SHELL, which lines of commands are given to; empty where nothing is said.</summary>
    public IReadOnlyList<string> Shell => Strings("Shell");

    /// <summary>The volumes' paths.</summary>
    public IReadOnlyList<string> Volumes => Runtime?["Volumes"] is JsonObject volumes ? [.. volumes.Select(volume => volume.Key)] : [];

    /// <summary>Docker's ONBUILD: what `docker build` does when it builds on this image.</summary>
    public IReadOnlyList<string> BuildTriggers => Strings("OnBuild");

    /// <summary>Labels.</summary>
    public IReadOnlyDictionary<string, string> Labels =>
        Runtime?["Labels"] is JsonObject labels
            ? labels.ToDictionary(label => label.Key, label => (string?)label.Value ?? "", StringComparer.Ordinal)
            : new Dictionary<string, string>();

    private JsonObject? Runtime => _root["config"] as JsonObject;

    private JsonArray History => _root["history"] as JsonArray ?? [];

    /// <summary>Reads a config; throws <see cref="FormatException"/> on anything else.</summary>
    public static ImageConfig Read(ImageDocument document)
    {
        Json.ParseObject(document.Content);
        var root = (JsonObject)JsonNode.Parse(document.Content.Span, documentOptions: Json.Reader)!;
        var config = new ImageConfig(document, root);
        try
        {
            EnsureSensible(root);
            // Everything that is read later is read once here, so that a malformed config fails where it comes in.
            _ = (config.Platform, config.DiffIds, config.LayersInHistory, config.Environment, config.Entrypoint, config.Command,
                config.User, config.WorkingDirectory, config.BuildTriggers, config.Labels, config.HealthcheckTest, config.Shell);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new FormatException("The image's config is malformed: " + e.Message, e);
        }

        return config;
    }

    private static void EnsureSensible(JsonObject root)
    {
        if ((root["rootfs"] as JsonObject)?["diff_ids"] is JsonArray { Count: > Limits.LayersOfImage })
            throw new FormatException($"it lists more than {Limits.LayersOfImage} layers");
        if (root["history"] is JsonArray { Count: > Limits.HistoryOfImage })
            throw new FormatException($"its history has more than {Limits.HistoryOfImage} lines");
    }

    /// <summary>The config of an image without layers, to build on where there is no base.</summary>
    public static ImageConfig Empty(Platform platform)
    {
        var root = new JsonObject
        {
            ["architecture"] = platform.Architecture,
            ["os"] = platform.Os,
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray() },
        };
        // image-index.md: v8 is what arm64 without a variant means, and what Docker's own images leave out.
        if (platform.Variant is { } variant && platform is not { Architecture: "arm64", Variant: "v8" })
            root["variant"] = variant;
        return FromJson(root, MediaTypes.OciConfig);
    }

    /// <summary>
    /// Writes the platform as an index has it, with what tells images of one architecture apart: variant, <c>os.version</c>,
    /// <c>os.features</c> (image-spec, image-index.md).
    /// </summary>
    /// <param name="writer">Where to.</param>
    /// <param name="wanted">The platform that the image was built for, which knows a variant that the config leaves out.</param>
    internal void WritePlatform(Utf8JsonWriter writer, Platform wanted)
    {
        writer.WriteStartObject();
        writer.WriteString("architecture", Platform.Architecture);
        writer.WriteString("os", Platform.Os);
        foreach (var name in new[] { "os.version", "os.features" })
        {
            if (_root[name] is { } value)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        if ((Platform.Variant ?? wanted.Variant) is { } variant)
            writer.WriteString("variant", variant);
        writer.WriteEndObject();
    }

    /// <summary>A time as configs and their labels write it: to the second, in UTC (RFC 3339).</summary>
    public static string Rfc3339(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A copy with changes.</summary>
    public ImageConfig With(Action<Editor> edit, ImageFormat format)
    {
        var root = (JsonObject)_root.DeepClone();
        edit(new Editor(root));
        return FromJson(root, format == ImageFormat.Docker ? MediaTypes.DockerConfig : MediaTypes.OciConfig);
    }

    private static ImageConfig FromJson(JsonObject root, string mediaType) =>
        new(new ImageDocument(mediaType, Json.Write(writer => root.WriteTo(writer))), root);

    private static bool StandsForLayer(JsonNode? entry) => entry is not JsonObject o || o["empty_layer"]?.GetValue<bool>() != true;

    private static KeyValuePair<string, string> SplitVariable(string variable)
    {
        var equals = variable.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(variable, "") : new(variable[..equals], variable[(equals + 1)..]);
    }

    private static string? Text(JsonObject parent, string name) =>
        (string?)parent[name] is { Length: > 0 } text ? text : null;

    private IReadOnlyList<string> Strings(string name) => Strings(Runtime, name);

    private static IReadOnlyList<string> Strings(JsonObject? parent, string name) =>
        parent?[name] is JsonArray array ? [.. array.Select(item => (string?)item ?? "")] : [];

    /// <summary>The changes that a build makes to a base's config.</summary>
    public sealed class Editor
    {
        private readonly JsonObject _root;

        internal Editor(JsonObject root) => _root = root;

        private JsonObject Runtime => ObjectAt(_root, "config");

        /// <summary>When the image was created; written to the second, in UTC (RFC 3339).</summary>
        public void SetCreated(DateTimeOffset created) => _root["created"] = Rfc3339(created);

        /// <summary>Sets ENTRYPOINT; null removes it.</summary>
        public void SetEntrypoint(IReadOnlyList<string>? entrypoint) => SetStrings("Entrypoint", entrypoint);

        /// <summary>Sets CMD; null removes it.</summary>
        public void SetCommand(IReadOnlyList<string>? command) => SetStrings("Cmd", command);

        /// <summary>Sets USER.</summary>
        public void SetUser(string user) => Runtime["User"] = user;

        /// <summary>Sets WORKDIR.</summary>
        public void SetWorkingDirectory(string directory) => Runtime["WorkingDir"] = directory;

        /// <summary>Removes ONBUILD.</summary>
        public void RemoveBuildTriggers() => Runtime.Remove("OnBuild");

        /// <summary>Adds a port such as <c>8080/tcp</c>. One that is there without a type is tcp (image-spec, config.md).</summary>
        public void ExposePort(string port)
        {
            var ports = ObjectAt(Runtime, "ExposedPorts");
            if (!port.EndsWith("/tcp", StringComparison.Ordinal) || !ports.ContainsKey(port[..^"/tcp".Length]))
                ports[port] = new JsonObject();
        }

        /// <summary>Adds a volume's path.</summary>
        public void AddVolume(string path) => ObjectAt(Runtime, "Volumes")[path] = new JsonObject();

        /// <summary>Sets STOPSIGNAL.</summary>
        public void SetStopSignal(string signal) => Runtime["StopSignal"] = signal;

        /// <summary>
        /// Sets HEALTHCHECK in place of the base's. Times are nanoseconds there (moby, "HealthcheckConfig"); null leaves one out.
        /// </summary>
        public void SetHealthcheck(
            IReadOnlyList<string> test, TimeSpan? interval, TimeSpan? timeout, TimeSpan? startPeriod, TimeSpan? startInterval, int? retries)
        {
            var check = new JsonObject { ["Test"] = new JsonArray([.. test.Select(word => JsonValue.Create(word))]) };
            (string, TimeSpan?)[] times =
                [("Interval", interval), ("Timeout", timeout), ("StartPeriod", startPeriod), ("StartInterval", startInterval)];
            foreach (var (name, time) in times)
            {
                if (time is { } given)
                    check[name] = given.Ticks * (1_000_000_000 / TimeSpan.TicksPerSecond);
            }

            if (retries is { } count)
                check["Retries"] = count;
            Runtime["Healthcheck"] = check;
        }

        /// <summary>Adds or replaces a label.</summary>
        public void SetLabel(string name, string value) => ObjectAt(Runtime, "Labels")[name] = value;

        /// <summary>Removes a label, if there is one of that name.</summary>
        public void RemoveLabel(string name) => (Runtime["Labels"] as JsonObject)?.Remove(name);

        /// <summary>Adds a variable at the end, or replaces its value where it stands.</summary>
        public void SetEnvironmentVariable(string name, string value)
        {
            if (Runtime["Env"] is not JsonArray variables)
                Runtime["Env"] = variables = [];
            var entry = JsonValue.Create(name + "=" + value);
            for (var i = 0; i < variables.Count; i++)
            {
                if (SplitVariable((string?)variables[i] ?? "").Key != name)
                    continue;
                variables[i] = entry;
                return;
            }

            variables.Add((JsonNode)entry);
        }

        /// <summary>
        /// Makes the history say as much as there are layers. It is optional, but one that is too short breaks
        /// `buildah commit` on top, `skopeo --format v2s1`, and pushes to Artifactory.
        /// </summary>
        public void CompleteHistory(int layers)
        {
            var history = HistoryArray();
            var told = history.Count(StandsForLayer);
            for (; told < layers; told++)
                history.Add((JsonNode)new JsonObject { ["created_by"] = "unknown (the base image does not tell)" });
        }

        /// <summary>Adds a layer on top, with its line in the history.</summary>
        public void AddLayer(Digest diffId, DateTimeOffset created, string createdBy, string comment)
        {
            var rootfs = ObjectAt(_root, "rootfs");
            if (rootfs["diff_ids"] is not JsonArray ids)
                rootfs["diff_ids"] = ids = [];
            ids.Add((JsonNode)JsonValue.Create(diffId.ToString()));
            HistoryArray().Add((JsonNode)new JsonObject
            {
                ["created"] = Rfc3339(created),
                ["created_by"] = createdBy,
                ["comment"] = comment,
            });
        }

        private static JsonObject ObjectAt(JsonObject parent, string name)
        {
            if (parent[name] is JsonObject existing)
                return existing;
            var created = new JsonObject();
            parent[name] = created;
            return created;
        }

        private JsonArray HistoryArray()
        {
            if (_root["history"] is JsonArray existing)
                return existing;
            var created = new JsonArray();
            _root["history"] = created;
            return created;
        }

        private void SetStrings(string name, IReadOnlyList<string>? values)
        {
            if (values is null)
                Runtime.Remove(name);
            else
                Runtime[name] = new JsonArray([.. values.Select(value => JsonValue.Create(value))]);
        }
    }
}

using System.Text.Encodings.Web;
using System.Text.Json;
using Containerize.Checks;

namespace Containerize.Planning;

/// <summary>
/// Writes a plan as <see cref="PlanJson"/> reads it. By hand, because every publish writes one and most never read it: what the serializer
/// sets up for a plan's types before the first byte, source generated or not, costs ten times as much as the plan itself (docs/benchmarks.md).
/// </summary>
internal sealed class PlanWriter(Utf8JsonWriter json)
{
    /// <summary>How plans are written; <see cref="PlanJson"/> names its members alike.</summary>
    public static JsonWriterOptions Options(bool indented) => new() { Indented = indented, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public void Write(ImagePlan plan)
    {
        json.WriteStartObject();
        json.WriteString("name", plan.Name);
        json.WriteString("baseImage", plan.BaseImage);
        json.WriteString("runtimeIdentifier", plan.RuntimeIdentifier);
        json.WriteStartObject("platform");
        json.WriteString("os", plan.Platform.Os);
        json.WriteString("architecture", plan.Platform.Architecture);
        Optional("variant", plan.Platform.Variant);
        json.WriteEndObject();
        if (plan.Format is { } format)
            json.WriteString("format", Camel(format.ToString()));
        json.WriteStartObject("compression");
        json.WriteString("method", Camel(plan.Compression.Method.ToString()));
        json.WriteNumber("level", plan.Compression.Level);
        json.WriteEndObject();
        json.WriteString("created", plan.Created);
        json.WritePropertyName("config");
        Write(plan.Config);
        Array("annotations", plan.Annotations, annotation =>
        {
            json.WriteString("name", annotation.Name);
            json.WriteString("value", annotation.Value);
            json.WriteString("scope", string.Join(", ", annotation.Scope.ToString().Split(", ").Select(Camel)));
        });
        json.WriteString("repository", plan.Repository);
        Strings("tags", plan.Tags);
        if (plan.TagRules is { } rules)
        {
            json.WriteStartObject("tagRules");
            Optional("version", rules.Version);
            Strings("floating", rules.Floating);
            json.WriteBoolean("immutable", rules.Immutable);
            json.WriteEndObject();
        }

        Array("destinations", plan.Destinations, destination =>
        {
            json.WriteString("kind", Camel(destination.Kind.ToString()));
            json.WriteString("target", destination.Target);
            Optional("fallback", destination.Fallback);
            Optional("repository", destination.Repository);
            if (destination.Tags is { } tags)
                Strings("tags", tags);
        });
        json.WritePropertyName("registries");
        Write(plan.Registries);
        json.WriteString("checks", Camel(plan.Checks.ToString()));
        json.WritePropertyName("needs");
        Write(plan.Needs);
        Array("layers", plan.Layers, Write);
        if (plan.Symbols is { } symbols)
        {
            json.WriteStartObject("symbols");
            Write(symbols);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public void Write(RegistrySettings settings)
    {
        json.WriteStartObject();
        Strings("insecure", settings.Insecure);
        Array("logins", settings.Logins, login =>
        {
            json.WriteString("registry", login.Registry);
            Optional("user", login.User);
            Optional("userVariable", login.UserVariable);
            Optional("passwordVariable", login.PasswordVariable);
            Optional("passwordFile", login.PasswordFile);
        });
        Array("mirrors", settings.Mirrors, mirror =>
        {
            json.WriteString("registry", mirror.Registry);
            json.WriteString("location", mirror.Location);
        });
        Optional("connectTimeout", settings.ConnectTimeout);
        Optional("silenceTimeout", settings.SilenceTimeout);
        Optional("timeout", settings.Timeout);
        json.WriteEndObject();
    }

    private void Write(ConfigPlan config)
    {
        json.WriteStartObject();
        json.WriteString("workingDirectory", config.WorkingDirectory);
        Optional("user", config.User);
        json.WriteStartObject("command");
        if (config.Command.Instruction is { } instruction)
            json.WriteString("instruction", Camel(instruction.ToString()));
        Strings("entrypoint", config.Command.Entrypoint);
        Strings("entrypointArgs", config.Command.EntrypointArgs);
        Strings("appCommand", config.Command.AppCommand);
        Strings("appCommandArgs", config.Command.AppCommandArgs);
        Strings("defaultArgs", config.Command.DefaultArgs);
        json.WriteEndObject();
        Array("environmentVariables", config.EnvironmentVariables, Write);
        Strings("ports", config.Ports);
        Strings("volumes", config.Volumes);
        Optional("stopSignal", config.StopSignal);
        if (config.Healthcheck is { } healthcheck)
        {
            json.WriteStartObject("healthcheck");
            Strings("test", healthcheck.Test);
            Optional("interval", healthcheck.Interval);
            Optional("timeout", healthcheck.Timeout);
            Optional("startPeriod", healthcheck.StartPeriod);
            Optional("startInterval", healthcheck.StartInterval);
            if (healthcheck.Retries is { } retries)
                json.WriteNumber("retries", retries);
            json.WriteEndObject();
        }

        Array("labels", config.Labels, Write);
        Strings("droppedLabels", config.DroppedLabels);
        json.WriteBoolean("labelBaseDigest", config.LabelBaseDigest);
        json.WriteEndObject();
    }

    private void Write(ApplicationNeeds needs)
    {
        json.WriteStartObject();
        Array("frameworks", needs.Frameworks, framework =>
        {
            json.WriteString("name", framework.Name);
            json.WriteString("version", framework.Version);
            Optional("rollForward", framework.RollForward);
        });
        json.WriteBoolean("isSelfContained", needs.IsSelfContained);
        json.WriteBoolean("isSingleFile", needs.IsSingleFile);
        json.WriteBoolean("isNativeAot", needs.IsNativeAot);
        json.WriteBoolean("usesIcu", needs.UsesIcu);
        json.WriteBoolean("bringsIcu", needs.BringsIcu);
        if (needs.InvariantGlobalization is { } invariant)
            json.WriteBoolean("invariantGlobalization", invariant);
        Optional("openSslUser", needs.OpenSslUser);
        Optional("tlsClient", needs.TlsClient);
        Optional("timeZoneUser", needs.TimeZoneUser);
        json.WriteEndObject();
    }

    private void Write(NamedValue variable)
    {
        json.WriteString("name", variable.Name);
        json.WriteString("value", variable.Value);
    }

    private void Write(LayerPlan layer)
    {
        json.WriteString("name", layer.Name);
        json.WriteStartArray("entries");
        foreach (var entry in layer.Entries)
            LayerEntryConverter.Write(json, entry);
        json.WriteEndArray();
    }

    private void Optional(string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private void Optional(string name, TimeSpan? value)
    {
        if (value is { } time)
            json.WriteString(name, time.ToString("c"));
    }

    private void Strings(string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
            json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private void Array<T>(string name, IReadOnlyList<T> values, Action<T> writeMembers)
        where T : class
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStartObject();
            writeMembers(value);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Camel(string name) => JsonNamingPolicy.CamelCase.ConvertName(name);
}

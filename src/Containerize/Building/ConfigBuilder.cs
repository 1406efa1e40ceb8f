using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;

namespace Containerize.Building;

/// <summary>Puts a plan's settings on top of a base's config.</summary>
internal static class ConfigBuilder
{
    /// <summary>The config of the image that has the symbols alone: its labels tell what they belong to.</summary>
    public static ImageConfig BuildSymbols(ImagePlan plan, ILayer layer, ImageFormat format) => ImageConfig.Empty(plan.Platform).With(
        config =>
        {
            config.SetCreated(plan.Created);
            var labels = plan.Config.Labels;
            foreach (var label in labels.Where(label => !label.Name.StartsWith("org.opencontainers.image.base.", StringComparison.Ordinal)))
                config.SetLabel(label.Name, label.Value);
            config.AddLayer(layer.DiffId, plan.Created, $"Containerize: {plan.Symbols!.Name}", $"symbols of {plan.Name}");
        },
        format);

    /// <summary>The config of the image.</summary>
    public static ImageConfig Build(ImagePlan plan, Image baseImage, IReadOnlyList<NamedLayer> layers, ImageFormat format)
    {
        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in baseImage.Config.Environment)
            variables[name] = value;
        var own = plan.Config.EnvironmentVariables.Select(
            variable => variable with { Value = EnvironmentReferences.Expand(variable.Value, variables) }).ToList();
        foreach (var variable in own)
            variables[variable.Name] = variable.Value;
        var command = plan.Config.Command.Resolve(baseImage.Config.Entrypoint, baseImage.Config.Command);

        return baseImage.Config.With(
            config =>
            {
                config.SetCreated(plan.Created);
                // They are for the next image alone, and `docker build` takes them away as well once it has run them.
                config.RemoveBuildTriggers();
                foreach (var variable in own)
                    config.SetEnvironmentVariable(variable.Name, variable.Value);
                foreach (var port in plan.Config.Ports.Concat(Ports.FromEnvironment(variables)))
                    config.ExposePort(port);
                foreach (var volume in plan.Config.Volumes)
                    config.AddVolume(volume);
                if (plan.Config.StopSignal is { } signal)
                    config.SetStopSignal(signal);
                if (plan.Config.Healthcheck is { } check)
                    config.SetHealthcheck(check.Test, check.Interval, check.Timeout, check.StartPeriod, check.StartInterval, check.Retries);
                config.SetWorkingDirectory(plan.Config.WorkingDirectory);
                // Microsoft's images name the user that applications should have, without making it theirs.
                if ((plan.Config.User ?? variables.GetValueOrDefault("APP_UID")) is { Length: > 0 } user)
                    config.SetUser(user);
                config.SetEntrypoint(command.Entrypoint.Count == 0 ? null : command.Entrypoint);
                // The base's CMD was meant for the base's ENTRYPOINT, and goes with it, as in a Dockerfile.
                config.SetCommand(command.Command.Count == 0 ? null : command.Command);
                // It is the base's own.
                config.RemoveLabel(FitLabel.Name);
                foreach (var label in plan.Config.DroppedLabels)
                    config.RemoveLabel(label);
                foreach (var label in plan.Config.Labels)
                    config.SetLabel(label.Name, label.Value);
                if (plan.Config.LabelBaseDigest && !plan.BaseImage.IsScratch)
                    config.SetLabel("org.opencontainers.image.base.digest", baseImage.Manifest.Document.Descriptor.Digest.ToString());

                config.CompleteHistory(baseImage.Layers.Count);
                foreach (var (name, layer) in layers)
                    config.AddLayer(layer.DiffId, plan.Created, $"Containerize: {name}", $"layer '{name}' of {plan.Name}");
            },
            format);
    }
}

/// <summary>A layer that was added.</summary>
/// <param name="Name">What the plan calls it.</param>
/// <param name="Layer">The layer.</param>
internal sealed record NamedLayer(string Name, ILayer Layer);

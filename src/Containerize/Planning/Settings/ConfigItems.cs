using Containerize.Images;
using Containerize.Planning;

namespace Containerize.Planning.Settings;

/// <summary>Reads from items what goes into the config and the manifest.</summary>
internal static class ConfigItems
{
    private const string CreatedLabel = "org.opencontainers.image.created";
    private const string ArtifactCreatedLabel = "org.opencontainers.artifact.created";
    private const string BaseNameLabel = "org.opencontainers.image.base.name";
    private const string BaseDigestLabel = "org.opencontainers.image.base.digest";

    /// <summary>The parts of ENTRYPOINT and CMD.</summary>
    public static CommandPlan Command(
        string? instruction,
        IReadOnlyList<IProjectItem> entrypoint,
        IReadOnlyList<IProjectItem> entrypointArgs,
        IReadOnlyList<IProjectItem> appCommand,
        IReadOnlyList<IProjectItem> appCommandArgs,
        IReadOnlyList<IProjectItem> defaultArgs,
        bool hasOwnAppCommand)
    {
        var command = new CommandPlan
        {
            Instruction = EnumeratedProperty.Parse<AppCommandInstruction>(
                "ContainerAppCommandInstruction", instruction, ErrorCodes.AppCommandInstructionInvalid),
            Entrypoint = ProjectItems.Values(entrypoint),
            EntrypointArgs = ProjectItems.Values(entrypointArgs),
            AppCommand = ProjectItems.Values(appCommand),
            AppCommandArgs = ProjectItems.Values(appCommandArgs),
            DefaultArgs = ProjectItems.Values(defaultArgs),
        };
        command.Validate(hasOwnAppCommand);
        return command;
    }

    /// <summary>The labels, in ordinal order; generated ones yield to others of the same name.</summary>
    /// <param name="items"><c>@(ContainerLabel)</c>.</param>
    /// <param name="created">The time for the labels that tell it; null for none.</param>
    public static IReadOnlyList<NamedValue> Labels(IReadOnlyList<IProjectItem> items, DateTimeOffset? created)
    {
        var labels = new SortedDictionary<string, string>(StringComparer.Ordinal);
        var generated = new HashSet<string>(StringComparer.Ordinal);
        if (created is { } time)
        {
            labels[CreatedLabel] = labels[ArtifactCreatedLabel] = ImageConfig.Rfc3339(time);
            generated.UnionWith([CreatedLabel, ArtifactCreatedLabel]);
        }

        foreach (var label in items)
        {
            if (string.IsNullOrWhiteSpace(label.ItemSpec))
                throw new ContainerizeException(
                    ErrorCodes.LabelInvalid,
                    "A ContainerLabel has no name. Write for example <ContainerLabel Include=\"org.acme.team\" Value=\"web\" />.");
            if (!ProjectItems.IsTrue(label.GetMetadata("Generated")))
                generated.Remove(label.ItemSpec);
            else if (!generated.Contains(label.ItemSpec) && labels.ContainsKey(label.ItemSpec))
                continue;
            else
                generated.Add(label.ItemSpec);
            labels[label.ItemSpec] = label.GetMetadata("Value");
        }

        var ordered = new List<NamedValue>(labels.Count);
        foreach (var (name, value) in labels)
            ordered.Add(new NamedValue(name, value));
        return ordered;
    }

    /// <summary>Labels of the base that would be wrong of the image, where it has none of its own in their place.</summary>
    public static IReadOnlyList<string> LabelsOfAnotherBase(ImageLocation location) =>
    [
        .. location.IsFile ? new[] { BaseNameLabel } : [],
        .. location.HasManifest || location.IsScratch ? [] : new[] { BaseDigestLabel },
    ];

    /// <summary>Whether one of the labels is the base's digest, which then is the user's to say.</summary>
    public static bool NamesBaseDigest(IReadOnlyList<IProjectItem> labels) => labels.Any(label => label.ItemSpec == BaseDigestLabel);

    /// <summary>The annotations, in ordinal order; the last of a name counts.</summary>
    public static IReadOnlyList<Annotation> Annotations(IReadOnlyList<IProjectItem> items)
    {
        var annotations = new SortedDictionary<string, Annotation>(StringComparer.Ordinal);
        foreach (var item in items)
        {
            if (string.IsNullOrWhiteSpace(item.ItemSpec))
                throw new ContainerizeException(
                    ErrorCodes.AnnotationInvalid,
                    "A ContainerAnnotation has no name. Write for example <ContainerAnnotation Include=\"org.acme.team\" "
                        + "Value=\"web\" />.");
            annotations[item.ItemSpec] = new Annotation(
                item.ItemSpec, item.GetMetadata("Value"), Annotation.ParseScope(item.GetMetadata("Scope"), item.ItemSpec));
        }

        return [.. annotations.Values];
    }

    /// <summary>The volumes, absolute, each once.</summary>
    /// <param name="items"><c>@(ContainerVolume)</c>.</param>
    /// <param name="workingDirectory">The working directory as a layer's path.</param>
    public static IReadOnlyList<string> Volumes(IReadOnlyList<IProjectItem> items, string workingDirectory) =>
        [.. items.Select(
            item => "/" + ImagePath.ParseBelowRoot(
                item.ItemSpec, workingDirectory, $"The ContainerVolume '{item.ItemSpec}'")).Distinct(StringComparer.Ordinal)];

    /// <summary>The health check; null where there is none. Its times may stand on any of its items.</summary>
    public static HealthcheckPlan? Healthcheck(IReadOnlyList<IProjectItem> items)
    {
        if (items.Count == 0)
            return null;
        return new HealthcheckPlan(HealthcheckPlan.TestOf(ProjectItems.Values(items), HealthcheckPlan.ParseShell(Metadata("Shell"))))
        {
            Interval = HealthcheckPlan.ParseTime(Metadata("Interval"), "Interval"),
            Timeout = HealthcheckPlan.ParseTime(Metadata("Timeout"), "Timeout"),
            StartPeriod = HealthcheckPlan.ParseTime(Metadata("StartPeriod"), "StartPeriod"),
            StartInterval = HealthcheckPlan.ParseTime(Metadata("StartInterval"), "StartInterval"),
            Retries = HealthcheckPlan.ParseRetries(Metadata("Retries")),
        };

        string? Metadata(string name) =>
            HealthcheckPlan.OneOf(name, [.. items.Select(item => item.Trimmed(name)).OfType<string>().Distinct()]);
    }
}

using System.Net;
using Containerize.Images;

namespace Containerize.Planning.Settings;

/// <summary>Reads the properties and items that say how registries are talked to.</summary>
internal static class RegistryProperties
{
    private const string LoginExample = "Write for example <ContainerRegistryLogin Include=\"ghcr.io\" User=\"ci\" "
        + "PasswordVariable=\"GHCR_TOKEN\" />";
    private const string MirrorExample = "Write for example <ContainerRegistryMirror Include=\"docker.io\" "
        + "Location=\"mirror.example.com/hub\" />";

    // A build that waits longer is hung.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Reads <c>ContainerInsecureRegistries</c>.</summary>
    /// <exception cref="ContainerizeException">An entry is no registry (CTZ1041).</exception>
    public static IReadOnlyList<string> ParseInsecure(string? text) =>
    [
        .. (text ?? "").Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => ImageReference.IsValidRegistry(name) || IPNetwork.TryParse(name, out _) ? name : throw Invalid(
                $"ContainerInsecureRegistries names '{Logins.Hide(name)}', which is no registry: "
                    + "write hosts with or without a port, such as "
                    + "'registry.local:5000', or networks such as '10.0.0.0/8'")),
    ];

    /// <summary>Reads a time limit; null where none is given.</summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1041).</exception>
    public static TimeSpan? ParseTimeout(string property, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
            return null;
        return Durations.Parse(text.Trim()) is { } time && time > TimeSpan.Zero && time <= Longest
            ? time
            : throw Invalid($"{property} is '{text}', which is no time of up to a day: write for example '90s' or '10m'");
    }

    /// <summary>Reads a <c>ContainerRegistryLogin</c> item.</summary>
    /// <exception cref="ContainerizeException">It does not say whose it is, or where its secret is, or says it twice (CTZ1041).</exception>
    public static LoginPlan ParseLogin(string registry, string? user, string? userVariable, string? passwordVariable, string? passwordFile)
    {
        var name = $"The ContainerRegistryLogin '{Logins.Hide(registry)}'";
        if (!IsRegistryOrNamespace(registry))
            throw Invalid($"{name} names no registry. {LoginExample}");
        if ((user is null) == (userVariable is null))
            throw Invalid($"{name} needs a User or a UserVariable, and not both. {LoginExample}");
        if ((passwordVariable is null) == (passwordFile is null))
        {
            throw Invalid(
                $"{name} needs a PasswordVariable (the name of an environment variable) or a PasswordFile, and not both. {LoginExample}");
        }

        if (new[] { userVariable, passwordVariable }.OfType<string>().Any(variable => !EnvironmentNames.IsValid(variable)))
        {
            throw Invalid(
                $"{name} names a variable that can be none; its value does not belong here, where logs and binary logs would show "
                    + $"it. {LoginExample}");
        }

        return new LoginPlan(registry, user, userVariable, passwordVariable, passwordFile);
    }

    /// <summary>Reads a <c>ContainerRegistryMirror</c> item.</summary>
    /// <exception cref="ContainerizeException">It names no registry (CTZ1041).</exception>
    public static MirrorPlan ParseMirror(string registry, string? location)
    {
        if (location is null || !IsRegistryOrNamespace(registry) || !IsRegistryOrNamespace(location))
        {
            throw Invalid(
                $"The ContainerRegistryMirror '{Logins.Hide(registry)}' has the Location '{Logins.Hide(location ?? "")}': "
                    + "both must be a registry, "
                    + $"perhaps with a namespace. {MirrorExample}");
        }

        return new MirrorPlan(registry, location);
    }

    private static bool IsRegistryOrNamespace(string name) => name.Split('/', 2) is [var host, .. var rest]
        && ImageReference.IsValidRegistry(host) && (rest.Length == 0 || ImageReference.IsValidRepository(rest[0]));

    private static ContainerizeException Invalid(string what) => new(ErrorCodes.RegistrySettingInvalid, what + ".");
}

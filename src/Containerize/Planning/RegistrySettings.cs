using System.Text.Json.Serialization;
using Containerize.Images;

namespace Containerize.Planning;

/// <summary>How registries are talked to, as far as the project says it. Names of variables and files, never what they hold.</summary>
public sealed record RegistrySettings
{
    // Nobody waits longer for a build.
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Hosts with or without a port, or networks, that may do without TLS.</summary>
    public IReadOnlyList<string> Insecure { get; init; } = [];

    /// <summary>Logins.</summary>
    public IReadOnlyList<LoginPlan> Logins { get; init; } = [];

    /// <summary>Mirrors for pulls, in the order in which they are asked.</summary>
    public IReadOnlyList<MirrorPlan> Mirrors { get; init; } = [];

    /// <summary>How long a connection may take to come about; null for the usual time.</summary>
    public TimeSpan? ConnectTimeout { get; init; }

    /// <summary>How long a registry may be silent; null for the usual time.</summary>
    public TimeSpan? SilenceTimeout { get; init; }

    /// <summary>How long each step of a build may take with registries; null for the usual time.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The same text for the same settings.</summary>
    [JsonIgnore]
    public string Key => string.Join(
        '\n',
        [.. Insecure, "", .. Logins.Select(login => login.ToString()), "", .. Mirrors.Select(mirror => mirror.ToString()), $"{ConnectTimeout} {SilenceTimeout} {Timeout}"]);

    /// <summary>Reads the list of insecure registries.</summary>
    /// <exception cref="ContainerizeException">One is no registry (CTZ1041).</exception>
    public static IReadOnlyList<string> ParseInsecure(string? text) =>
    [
        .. (text ?? "").Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(name => ImageReference.IsValidRegistry(name) || System.Net.IPNetwork.TryParse(name, out _) ? name : throw Invalid(
                $"ContainerInsecureRegistries names '{Planning.Logins.Hide(name)}', which is no registry: write hosts with or without a port, such as 'registry.local:5000', or networks such as '10.0.0.0/8'")),
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

    /// <summary>Whether a name is <c>host[:port]</c>, or that with a namespace behind it.</summary>
    internal static bool IsRegistryOrNamespace(string name) => name.Split('/', 2) is [var host, .. var rest]
        && ImageReference.IsValidRegistry(host) && (rest.Length == 0 || ImageReference.IsValidRepository(rest[0]));

    internal static ContainerizeException Invalid(string what) => new(ErrorCodes.RegistrySettingInvalid, what + ".");
}

/// <summary>A login, and where its secret is found.</summary>
/// <param name="Registry">The registry, and perhaps a namespace of it.</param>
/// <param name="User">The user; null where a variable says it.</param>
/// <param name="UserVariable">The environment variable that holds the user.</param>
/// <param name="PasswordVariable">The environment variable that holds the secret.</param>
/// <param name="PasswordFile">The file that holds the secret; a full path.</param>
public sealed record LoginPlan(string Registry, string? User, string? UserVariable, string? PasswordVariable, string? PasswordFile)
{
    /// <summary>Makes a login of what an item says.</summary>
    /// <exception cref="ContainerizeException">It does not say whose it is, or where its secret is, or says it twice (CTZ1041).</exception>
    public static LoginPlan Of(string registry, string? user, string? userVariable, string? passwordVariable, string? passwordFile)
    {
        const string Example = "Write for example <ContainerRegistryLogin Include=\"ghcr.io\" User=\"ci\" PasswordVariable=\"GHCR_TOKEN\" />";
        var name = $"The ContainerRegistryLogin '{Logins.Hide(registry)}'";
        if (!RegistrySettings.IsRegistryOrNamespace(registry))
            throw RegistrySettings.Invalid($"{name} names no registry. {Example}");
        if ((user is null) == (userVariable is null))
            throw RegistrySettings.Invalid($"{name} needs a User or a UserVariable, and not both. {Example}");
        if ((passwordVariable is null) == (passwordFile is null))
            throw RegistrySettings.Invalid($"{name} needs a PasswordVariable (the name of an environment variable) or a PasswordFile, and not both. {Example}");
        if (new[] { userVariable, passwordVariable }.OfType<string>().Any(variable => !EnvironmentNames.IsValid(variable)))
            throw RegistrySettings.Invalid($"{name} names a variable that can be none; its value does not belong here, where logs and binary logs would show it. {Example}");
        return new LoginPlan(registry, user, userVariable, passwordVariable, passwordFile);
    }
}

/// <summary>A mirror.</summary>
/// <param name="Registry">What names begin with that it serves.</param>
/// <param name="Location">What takes its place.</param>
public sealed record MirrorPlan(string Registry, string Location)
{
    /// <summary>Makes a mirror of what an item says.</summary>
    /// <exception cref="ContainerizeException">It names no registry (CTZ1041).</exception>
    public static MirrorPlan Of(string registry, string? location)
    {
        if (location is null || !RegistrySettings.IsRegistryOrNamespace(registry) || !RegistrySettings.IsRegistryOrNamespace(location))
        {
            throw RegistrySettings.Invalid(
                $"The ContainerRegistryMirror '{Logins.Hide(registry)}' has the Location '{Logins.Hide(location ?? "")}': both must be a registry, perhaps with a namespace. Write for example <ContainerRegistryMirror Include=\"docker.io\" Location=\"mirror.example.com/hub\" />");
        }

        return new MirrorPlan(registry, location);
    }
}

using System.Text.Json.Serialization;

namespace Containerize.Planning;

/// <summary>How registries are talked to, as far as the project says it. Names of variables and files, never what they hold.</summary>
internal sealed record RegistrySettings
{
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
        [.. Insecure, "", .. Logins.Select(
            login => login.ToString()), "", .. Mirrors.Select(mirror =>
                mirror.ToString()), $"{ConnectTimeout} {SilenceTimeout} {Timeout}"]);
}

/// <summary>A login, and where its secret is found.</summary>
/// <param name="Registry">The registry, and perhaps a namespace of it.</param>
/// <param name="User">The user; null where a variable says it.</param>
/// <param name="UserVariable">The environment variable that holds the user.</param>
/// <param name="PasswordVariable">The environment variable that holds the secret.</param>
/// <param name="PasswordFile">The file that holds the secret; a full path.</param>
internal sealed record LoginPlan(string Registry, string? User, string? UserVariable, string? PasswordVariable, string? PasswordFile);

/// <summary>A mirror.</summary>
/// <param name="Registry">What names begin with that it serves.</param>
/// <param name="Location">What takes its place.</param>
internal sealed record MirrorPlan(string Registry, string Location);

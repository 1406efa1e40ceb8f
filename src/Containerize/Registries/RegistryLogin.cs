namespace Containerize.Registries;

/// <summary>
/// A login that the project names: whose it is, and where its secret is found when it is needed. The secret itself is nowhere in the
/// project, its plan or its logs.
/// </summary>
/// <param name="Registry">The registry, and perhaps a namespace of it: <c>ghcr.io</c>, <c>registry.example.com/team</c>.</param>
internal sealed record RegistryLogin(string Registry)
{
    /// <summary>The user; null where <see cref="UserVariable"/> says it.</summary>
    public string? User { get; init; }

    /// <summary>The environment variable that holds the user.</summary>
    public string? UserVariable { get; init; }

    /// <summary>The environment variable that holds the password or token.</summary>
    public string? PasswordVariable { get; init; }

    /// <summary>The file that holds the password or token, with or without a line break at its end; a full path.</summary>
    public string? PasswordFile { get; init; }
}

namespace Containerize.Testing;

/// <summary>What to start: a program, its arguments, where, and with which changes to the environment.</summary>
/// <param name="FileName">The program, by path or by a name that is looked up in <c>PATH</c>.</param>
/// <param name="Arguments">The arguments, each passed on as it stands, without a shell.</param>
public sealed record ProcessCommand(string FileName, params IReadOnlyList<string> Arguments)
{
    /// <summary>Variables to add or replace; a <see langword="null"/> value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?>? Environment { get; init; }

    /// <summary>
    /// Whether the child starts from the environment of this process (the default) or from <see cref="Environment"/> alone.
    /// </summary>
    public bool InheritEnvironment { get; init; } = true;

    /// <summary>The directory to start in, or <see langword="null"/> for the current one.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Text for the standard input, which is closed afterwards; nothing a test starts may wait for a person.</summary>
    public string? StandardInput { get; init; }

    /// <summary>Is handed every line of both outputs as it comes, from more than one thread.</summary>
    public Action<string>? OnLine { get; init; }

    /// <summary>The command as one would type it, for messages.</summary>
    public override string ToString() =>
        string.Join(' ', Arguments.Prepend(FileName).Select(part => part.Contains(' ', StringComparison.Ordinal) ? $"'{part}'" : part));
}

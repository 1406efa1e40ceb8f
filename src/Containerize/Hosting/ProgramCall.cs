namespace Containerize.Hosting;

/// <summary>A program that is to be run, and how long it may take.</summary>
/// <param name="Name">Its name alone, which is looked for in PATH, or its full path.</param>
/// <param name="Arguments">Its arguments, unquoted.</param>
/// <param name="Limit">How long it may take; then it is ended, and all that it has started.</param>
internal sealed record ProgramCall(string Name, IReadOnlyList<string> Arguments, TimeSpan Limit)
{
    /// <summary>Writes its standard input, which is closed afterwards; null for none.</summary>
    public Func<Stream, CancellationToken, Task>? WriteInput { get; init; }

    /// <summary>Environment variables that it has besides those of this process, or instead of them.</summary>
    public IReadOnlyList<(string Name, string Value)> Variables { get; init; } = [];

    /// <summary>What it is called in messages, with quotes.</summary>
    public string Title
    {
        get => field ?? $"'{string.Join(' ', Arguments.Prepend(Name).Take(2))}'";
        init;
    }

    /// <summary>Which program it is and what it is asked, in one text; input and variables do not count.</summary>
    public string Key => string.Join('\0', [Name, .. Arguments]);
}

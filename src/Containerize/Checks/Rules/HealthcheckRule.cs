using System.Text.RegularExpressions;
using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>A health check whose program or shell the image does not have: every container would be unhealthy.</summary>
internal sealed partial class HealthcheckRule : IRule
{
    // What shells do themselves (POSIX.1-2024, XCU 1.6 and 2.15, and the words of its grammar).
    private static readonly HashSet<string> ShellsOwn = new(StringComparer.Ordinal)
    {
        ".", ":", "[", "alias", "bg", "break", "case", "cd", "command", "continue", "echo", "eval", "exec", "exit", "export", "false",
        "fc", "fg",
        "for",
        "getopts", "hash", "if", "jobs", "kill", "local", "printf", "pwd", "read", "readonly", "return", "set", "shift", "test", "time",
        "times",
        "trap",
        "true", "type", "ulimit", "umask", "unalias", "unset", "until", "wait", "while",
    };

    public Finding? Check(Inspection image) => image.Image.Config.HealthcheckTest switch
    {
        ["CMD", ..] test => Startable.WhyNot(image, [.. test.Skip(1)]) is { } why ? Finding($"The health check starts {why}") : null,
        ["CMD-SHELL", var line, ..] => InShell(image, line),
        _ => null,
    };

    private static Finding? InShell(Inspection image, string line)
    {
        // moby, "getShell".
        var shell = image.Image.Config.Shell is [{ Length: > 0 } given, ..] ? given : "/bin/sh";
        if (image.Command.FindProgram(shell) is null)
            return Finding($"The health check is a line for the shell {shell}, which is not in the image");
        // Only what is certainly a program: not an assignment, a function, a file name with a variable in it.
        var first = FirstWord().Match(line).Groups["word"].Value;
        return first.Length > 0 && !ShellsOwn.Contains(first) && Startable.WhyNot(image, [first]) is { } why
            ? Finding($"The health check starts {why}")
            : null;
    }

    private static Finding Finding(string what) => new(
        ErrorCodes.HealthcheckUnstartable,
        char.ToLowerInvariant(what[0]) + what[1..],
        $"{what}: engines would call every container unhealthy. Name a program that is there: "
            + "the application can check itself (docs/recipes.md, 'Health check'), or another base may have what the check needs.");

    [GeneratedRegex(@"\A\s*(?<word>[A-Za-z0-9_./+-]+)(?=[\s;|&]|\z)", RegexOptions.CultureInvariant)]
    private static partial Regex FirstWord();
}

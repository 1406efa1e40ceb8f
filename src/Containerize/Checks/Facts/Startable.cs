using Containerize.Files;

namespace Containerize.Checks.Facts;

/// <summary>Whether an engine can start a command in an image: the program, and the assembly that <c>dotnet</c> is given.</summary>
internal static class Startable
{
    /// <summary>The command and what keeps it from starting, as a sentence goes on behind "starts"; null where nothing does.</summary>
    /// <param name="image">The image.</param>
    /// <param name="words">The command's words; the first is the program.</param>
    /// <param name="kind">What to say behind the command, in brackets; null for nothing.</param>
    public static string? WhyNot(Inspection image, IReadOnlyList<string> words, string? kind = null)
    {
        if (words is not [{ Length: > 0 } first, ..])
            return null;
        var named = kind is null ? "" : $" ({kind})";
        if (image.Command.FindProgram(first) is not { } program)
        {
            var where = first.Contains('/', StringComparison.Ordinal)
                ? $"there is no {image.Command.Absolute(first)} in the image"
                : "no program of that name is on the image's PATH";
            return $"'{first}'{named}, but {where}";
        }

        if (program.Kind == ContentKind.Directory)
            return $"'{first}'{named}, which is a directory";
        if (program.Kind == ContentKind.File && !program.IsExecutable)
            return $"'{first}'{named}, but /{program.Path} is not executable";
        // Options of the host come before the assembly, and some have a value; only what is plain is looked at.
        return first is "dotnet" or "/usr/bin/dotnet" && words is [_, var assembly, ..]
            && assembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            && image.Files.Find(image.Command.Absolute(assembly)) is null
            ? $"'{first} {assembly}'{named}, but there is no {image.Command.Absolute(assembly)} in the image"
            : null;
    }
}

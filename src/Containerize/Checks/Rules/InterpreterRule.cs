using Containerize.Checks.Facts;
using Containerize.Files;

namespace Containerize.Checks.Rules;

/// <summary>Programs whose loader, and scripts whose interpreter the image does not have.</summary>
internal sealed class InterpreterRule : IRule
{
    public Finding? Check(Inspection image)
    {
        // Scripts only where the image starts them: packages leave others lying about.
        foreach (var script in image.Command.Named)
        {
            if (Interpreter(script) is { } line && WhyNot(image, line) is { } why)
                return new Finding(
                    ErrorCodes.InterpreterMissing,
                    $"the script /{script.Path} cannot be started",
                    $"The script /{script.Path} cannot be started: {why}.");
        }

        if (DotnetInstallation.Needs(image) && DotnetInstallation.IsFound(image) && !image.Libraries.HasLibc)
            return new Finding(
                ErrorCodes.InterpreterMissing,
                "there is no C library with its loader",
                $"The .NET of {image.Base} cannot be started: there is no C library with its loader in the image. "
                    + "Take none of it away with ContainerRemove, or choose another base.");

        var programs = image.FittingNatives
            .Where(file => file.Elf.Interpreter is { Length: > 0 } interpreter && image.Files.Find(interpreter) is null)
            .ToList();
        if (image.WithoutAlternative(programs) is not [var first, ..] missing)
            return null;
        var remedy = image.Libcs.Count > 0 || first.Libc is not { } libc ? "Choose a base that has it"
            : $"Choose a base with {libc.Name()}, or publish a program without it (PublishAot with StaticExecutable)";
        return new Finding(
            ErrorCodes.InterpreterMissing,
            $"the loader {first.Elf.Interpreter} of {first.Path} is missing",
            $"{Inspection.Several([.. missing.Select(file => file.Path)])} cannot be started: "
                + $"the loader {first.Elf.Interpreter} that {(missing.Count == 1 ? "it asks" : "they ask")} for is not in "
                + $"{image.Base}. {remedy}.");
    }

    // execve(2): the rest of the line is the interpreter and one argument.
    private static string? Interpreter(ImageNode script)
    {
        try
        {
            using var reader = new FileStream(script.Source!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var start = new byte[256];
            var text = System.Text.Encoding.UTF8.GetString(start, 0, reader.ReadAtLeast(start, start.Length, throwOnEndOfStream: false));
            return text.StartsWith("#!", StringComparison.Ordinal) && text.IndexOf('\n', StringComparison.Ordinal) is > 0 and var end
                ? text[2..end].Trim(' ', '\t')
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string? WhyNot(Inspection image, string line)
    {
        if (line.EndsWith('\r'))
            return "its first line ends as lines do on Windows, and Linux takes the carriage return for a part of the interpreter's "
                + $"name ({line.TrimEnd('\r')}). Save it with LF line ends";
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (words is not [['/', ..] interpreter, ..])
            return null;
        if (image.Files.Find(interpreter) is null)
            return $"its interpreter {interpreter} is not in {image.Base}. Choose a base that has it, or start the application "
                + "without the script";
        // One word alone: options of env are its own business.
        return words is [_, var name] && interpreter.EndsWith("/env", StringComparison.Ordinal)
            && !name.Contains('=', StringComparison.Ordinal) && !name.StartsWith('-')
            && image.Command.FindProgram(name) is null
            ? $"its interpreter {name} is not on the PATH of {image.Base}. Choose a base that has it, "
                + "or start the application without the script"
            : null;
    }
}

using Containerize.Layers.Contents;

namespace Containerize.Checks.Rules;

/// <summary>A command that cannot be started.</summary>
internal sealed class CommandRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Command.Words is not [{ Length: > 0 } first, ..])
            return null;
        var kind = image.Image.Config.Entrypoint is { Count: > 0 } ? "ENTRYPOINT" : "CMD";
        if (image.Command.Program is not { } program)
        {
            // Where there is no .NET at all, that is what is to be said.
            if (first == "dotnet" && DotnetInstallation.IsMissing(image))
                return null;
            var where = first.Contains('/', StringComparison.Ordinal) ? $"there is no {image.Command.Absolute(first)} in the image" : "no program of that name is on the image's PATH";
            return Finding($"The image starts '{first}' ({kind}), but {where}.");
        }

        if (program.Kind == ContentKind.Directory)
            return Finding($"The image starts '{first}' ({kind}), which is a directory.");
        if (program.Kind == ContentKind.File && !program.IsExecutable)
            return Finding($"The image starts '{first}' ({kind}), but /{program.Path} is not executable.");
        // Options of the host come before the assembly, and some have a value; only what is plain is looked at.
        return first is "dotnet" or "/usr/bin/dotnet" && image.Command.Words is [_, var assembly, ..] && assembly.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            && image.Files.Find(image.Command.Absolute(assembly)) is null
            ? Finding($"The image starts '{first} {assembly}' ({kind}), but there is no {image.Command.Absolute(assembly)} in it.")
            : null;
    }

    private static Finding Finding(string what) => new(
        ErrorCodes.CommandMissing,
        $"{what} Check ContainerAppCommand, ContainerEntrypoint and ContainerWorkingDirectory, and what the base brings.");
}

using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>A command that cannot be started.</summary>
internal sealed class CommandRule : IRule
{
    public Finding? Check(Inspection image)
    {
        // Where there is no .NET at all, that is what is to be said.
        if (image.Command is { Words: ["dotnet", ..], Program: null } && DotnetInstallation.IsMissing(image))
            return null;
        var kind = image.Image.Config.Entrypoint is { Count: > 0 } ? "ENTRYPOINT" : "CMD";
        return Startable.WhyNot(image, image.Command.Words, kind) is { } why
            ? new Finding(
                ErrorCodes.CommandMissing,
                $"the image starts {why}",
                $"The image starts {why}. Check ContainerAppCommand, ContainerEntrypoint and ContainerWorkingDirectory, and what the "
                    + "base brings.")
            : null;
    }
}

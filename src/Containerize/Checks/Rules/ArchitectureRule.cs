using Containerize.Checks.Elf;
using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Files for another processor than the image's.</summary>
internal sealed class ArchitectureRule : IRule
{
    public Finding? Check(Inspection image)
    {
        var wrong = image.WithoutAlternative(image.Natives.Where(file => !image.FitsMachine(file)));
        if (wrong.Count == 0)
            return null;
        return new Finding(
            ErrorCodes.ArchitectureMismatch,
            $"made for {ElfMachine.NameOf(wrong[0].Elf.Machine)}: {Inspection.Several([.. wrong.Select(file => file.Path)])}",
            $"{Inspection.Several([.. wrong.Select(file => file.Path)])} {(wrong.Count == 1 ? "is" : "are")} made for "
                + $"{ElfMachine.NameOf(wrong[0].Elf.Machine)}, and the image is for {image.Image.Platform}. "
                + $"Publish the files for {image.Image.RuntimeIdentifier}, or set ContainerRuntimeIdentifier to what they are made for.");
    }
}

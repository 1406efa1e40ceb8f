using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Files for glibc on a base with musl, or the reverse.</summary>
internal sealed class LibcRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Libcs is not [var has])
            return null;
        var wrong = image.WithoutAlternative(image.Natives.Where(file => image.FitsMachine(file) && !image.FitsLibc(file)));
        var wants = LibcFlavours.OfRuntimeIdentifier(image.Image.RuntimeIdentifier);
        string files;
        if (wrong.Count > 0)
        {
            files = $"{Inspection.Several([.. wrong.Select(file => file.Path)])} {(wrong.Count == 1 ? "is" : "are")}";
            wants = wrong[0].Libc!.Value;
        }
        // Native AOT programs may be static, and then run on both.
        else if (wants != has && image.Needs is { IsSelfContained: true, IsNativeAot: false } && image.StartsApplication)
        {
            files = $"The runtime that is published for {image.Image.RuntimeIdentifier} is";
        }
        else
        {
            return null;
        }

        var suited = LibcFlavours.RuntimeIdentifierFor(image.Image.RuntimeIdentifier, has);
        var remedy = suited == image.Image.RuntimeIdentifier
            ? $"Use packages that bring files for {has.Name()}"
            : $"Publish with --runtime {suited}";
        return new Finding(
            ErrorCodes.LibcMismatch,
            $"{char.ToLowerInvariant(files[0])}{files[1..]} made for {wants.Name()}, not {has.Name()}",
            $"{files} made for {wants.Name()}, and {image.Base} has {has.Name()}: programs do not start there, and most libraries do "
                + $"not load. {remedy}, or choose a base with {wants.Name()}.");
    }
}

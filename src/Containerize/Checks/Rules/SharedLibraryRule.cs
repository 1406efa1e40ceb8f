using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Shared libraries that files of the application are linked against, and that are nowhere in the image.</summary>
internal sealed class SharedLibraryRule : IRule
{
    // The driver's own, which the host puts into containers that get a graphics card.
    private static readonly string[] FromHost = ["libcuda.so", "libnvidia-", "libnvcuvid.so"];

    // Tracing, which the runtime does without where LTTng is missing or of another version.
    private static readonly string[] Optional = ["libcoreclrtraceptprovider.so"];

    // Musl's loader is the C library, and answers to the names that its parts have elsewhere (musl, ldso/dynlink.c).
    private static readonly string[] PartsOfMusl = ["libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet."];

    public Finding? Check(Inspection image)
    {
        // Without a C library nothing runs that needs one, and other rules have said so.
        if (image.Libcs.Count == 0)
            return null;
        var brought = image.Natives.Select(file => file.Elf.SoName).Concat(image.Natives.Select(file => file.Name)).ToHashSet();
        var missing = new List<(string Library, NativeFile File)>();
        foreach (var file in image.FittingNatives.Where(file => !Optional.Contains(file.Name)))
        {
            missing.AddRange(file.Elf.Needed
                .Where(name => !brought.Contains(name) && !IsElsewhere(image, name)
                    && image.Libraries.FindFor(file, name) is null && !image.Libraries.LiesAnywhere(name))
                .Select(name => (name, file)));
        }

        var files = image.WithoutAlternative(missing.Select(item => item.File)).ToHashSet();
        // What the runtime itself is linked against, in Microsoft's builds as in the distributions'.
        if (DotnetInstallation.Needs(image) && DotnetInstallation.IsFound(image) && !image.Libraries.Has("libstdc++.so.6"))
            return new Finding(
                ErrorCodes.SharedLibraryMissing,
                "libstdc++.so.6 is missing",
                $"The .NET of {image.Base} cannot be started: libstdc++.so.6 is not in the image. "
                    + "Do not take it away with ContainerRemove, or choose another base.");

        var libraries = missing.Where(item => files.Contains(item.File))
            .GroupBy(item => item.Library, item => item.File.Path)
            .Select(group => $"{group.Key} (for {Inspection.Several([.. group])})")
            .ToList();
        if (libraries.Count == 0)
            return null;
        var list = libraries.Count <= 5
            ? string.Join(", ", libraries)
            : FormattableString.Invariant($"{string.Join(", ", libraries.Take(4))} and {libraries.Count - 4} others");
        return new Finding(
            ErrorCodes.SharedLibraryMissing,
            $"not in the image: {list}",
            $"The image lacks {(libraries.Count == 1 ? "a shared library" : "shared libraries")} that the application's native files "
                + $"are linked against: {list}. Choose a base that has {(libraries.Count == 1 ? "it" : "them")} instead of "
                + $"'{image.Image.BaseImage}', or publish {(libraries.Count == 1 ? "it" : "them")} with the application.");
    }

    private static bool IsElsewhere(Inspection image, string name) =>
        FromHost.Any(start => name.StartsWith(start, StringComparison.Ordinal))
        || (image.Libcs.Contains(Libc.Musl) && PartsOfMusl.Any(start => name.StartsWith(start, StringComparison.Ordinal)));
}

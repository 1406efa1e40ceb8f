using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Files that were linked against a newer C or C++ library than the base has.</summary>
internal sealed class SymbolVersionRule : IRule
{
    // Whatever library of glibc has a symbol, its version counts up with glibc itself. CXXABI goes along with GLIBCXX.
    private static readonly (string Prefix, string Library)[] Counted = [("GLIBC_", "libc.so.6"), ("GLIBCXX_", "libstdc++.so.6")];

    public Finding? Check(Inspection image)
    {
        var wrong = new List<(string Prefix, NativeFile File, Version Needs, Version Has)>();
        foreach (var (prefix, library) in Counted)
        {
            // A library that the application brings is taken before the base's.
            if (image.Natives.Any(file => file.Name == library)
                || image.Libraries.Find(library) is not { Source: null } node
                || Newest(image.Files.SymbolVersions(node.Path), prefix) is not { } has)
                continue;
            foreach (var file in image.FittingNatives)
            {
                if (Newest(file.Elf.VersionNeeds.SelectMany(need => need.Versions), prefix) is { } needs && needs > has)
                    wrong.Add((prefix, file, needs, has));
            }
        }

        var files = image.WithoutAlternative(wrong.Select(item => item.File)).ToHashSet();
        var causes = wrong.Where(item => files.Contains(item.File))
            .GroupBy(item => (item.Prefix, item.Has))
            .Select(group => (group.Key.Prefix, group.Key.Has, Files: group.OrderByDescending(item => item.Needs).ToList()))
            .Select(
                cause =>
                    $"{Inspection.Several([.. cause.Files.Select(item => item.File.Path)])} "
                        + $"{(cause.Files.Count == 1 ? "needs" : "need")} {cause.Prefix}{cause.Files[0].Needs}, and {image.Base} has "
                        + $"at most {cause.Prefix}{cause.Has}")
            .ToList();
        return causes.Count == 0 ? null : new Finding(
            ErrorCodes.SymbolVersionTooNew,
            $"too new for the C library: {Inspection.Several([.. files.Select(file => file.Path).Order(StringComparer.Ordinal)])}",
            $"{string.Join("; ", causes)}: what is built on a newer system does not load on an older one. "
                + "Choose a newer base, or build on the oldest system that it should run on.");
    }

    private static Version? Newest(IEnumerable<string> versions, string prefix) => versions
        .Where(version => version.StartsWith(prefix, StringComparison.Ordinal))
        .Select(version => Version.TryParse(version[prefix.Length..], out var parsed) ? parsed : null)
        .Max();
}

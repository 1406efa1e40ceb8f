using Containerize.Testing.Validation.Layers;

namespace Containerize.Testing.Validation.Sources;

/// <summary>An archive: a tar with an OCI layout and a manifest.json beside it, which docker, podman and containerd all load.</summary>
internal static class ArchiveSource
{
    public static ImageUnderTest Read(string path, string? reference, bool combined)
    {
        var problems = new ProblemList();
        using (var tar = File.OpenRead(path))
            TarBlocks.Check(tar, problems.At("archive"));
        var duplicates = new List<string>();
        var files = new TarFiles(path, duplicates);
        problems.AddRange(duplicates);
        foreach (var name in files.Paths.Where(name => name != LayerEntry.Clean(name)))
            problems.Add($"archive: '{name}' should be written '{LayerEntry.Clean(name)}'.");

        var image = LayoutSource.Read(files, reference);
        IReadOnlyList<string> tags = [];
        if (files.Paths.Contains(DockerManifestRules.FileName))
            tags = DockerManifestRules.Check(files, problems.At(DockerManifestRules.FileName));
        else if (combined)
            problems.Add("manifest.json: is not there, and docker load needs it.");
        return image with { SourceProblems = [.. problems.Sentences, .. image.SourceProblems], RepoTags = tags };
    }
}

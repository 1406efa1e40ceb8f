using Containerize.Hosting;
using Containerize.Planning.Published;

namespace Containerize.Building;

/// <summary>What a user should know of the files that go into an image, and of those that do not.</summary>
/// <param name="request">What the project says.</param>
/// <param name="log">Is told.</param>
internal sealed class PlannedFilesReport(PlanRequest request, IBuildLog log)
{
    // More names make no line that is read.
    private const int MaxNames = 5;
    private const int MaxNameLength = 260;

    private bool MapsPaths => !string.Equals(request.DeterministicSourcePaths, "false", StringComparison.OrdinalIgnoreCase);

    private string PublishDirectory => request.Places.PublishDirectory;

    /// <summary>Compares what the image holds with what was published.</summary>
    /// <param name="planned">The layers.</param>
    /// <param name="startsProgram">Whether the image starts what the SDK has built.</param>
    /// <exception cref="ContainerizeException">The program or another published file is missing (CTZ3010).</exception>
    public void Check(PlannedLayers planned, bool startsProgram)
    {
        var others = planned.Unpublished.Where(IsOfAnotherProgram).ToList();
        var isProgramNeeded = !string.IsNullOrEmpty(request.ProgramFile)
            && startsProgram
            && !string.Equals(request.PublishesProgram, "false", StringComparison.OrdinalIgnoreCase);
        if (isProgramNeeded && !File.Exists(Path.Combine(PublishDirectory, request.ProgramFile!)))
        {
            throw new ContainerizeException(
                ErrorCodes.PublishedFileMissing,
                $"The program '{request.ProgramFile}' is not in the publish folder '{PublishDirectory}'. "
                + "Publish again; if another project publishes there, give each a folder of its own.");
        }

        if (others.Count > 0)
        {
            if (planned.Missing.Count > 0)
            {
                throw new ContainerizeException(
                    ErrorCodes.PublishedFileMissing,
                    $"'{planned.Missing[0]}' was published and is gone from '{PublishDirectory}', where another project publishes "
                    + $"'{others[0]}', too. Give each project a folder of its own.");
            }

            log.Warn(
                ErrorCodes.PublishFolderShared,
                $"'{others[0]}' in '{PublishDirectory}' is of another project, whose files are in this image, too. "
                + "Give each project a publish folder of its own.");
        }

        if (planned.Unpublished.Count > 0)
        {
            var names = Names(planned.Unpublished);
            log.Tell($"{request.ProjectName}: not published by this build, but in the publish folder, and so in the image: {names}.");
        }
    }

    /// <summary>Reports what was left out, rules without effect, secrets that are published besides, and the layers.</summary>
    public void Tell(PlannedLayers planned)
    {
        foreach (var file in planned.LeftOut)
            log.Trace($"{file.RelativePath} is left out of the image: {file.Reason}.");
        foreach (var rule in planned.UnusedRules)
            log.Inform($"No published file fits the ContainerLayer '{rule.Name}' ({string.Join(';', rule.Files)}).");
        foreach (var file in planned.Exposed)
        {
            log.Warn(
                ErrorCodes.ProtectedFilePublished,
                $"A ContainerFile puts '{file.Source}' into the image as /{file.Protected.Path} with the mode "
                    + $"0{Convert.ToString(file.Protected.Mode, 8)}, "
                    + $"but it is published, too, and every user can read it as {file.Published}. Leave it out: "
                    + $"<Content Update=\"{Path.GetRelativePath(request.Places.ProjectDirectory, file.Source)}\" "
                    + "CopyToPublishDirectory=\"Never\" />.");
        }

        foreach (var layer in planned.Layers)
            log.Inform($"Layer '{layer.Name}': {layer.Entries.Count} entries.");
    }

    /// <summary>
    /// Reports assemblies that name the folder they were built in. Not in Debug, where the paths are wanted: debuggers look for the sources
    /// there.
    /// </summary>
    public void TellOfPaths(IReadOnlyList<FolderDependences> found)
    {
        // Ids of tag helpers follow from offsets in generated code with paths in it; without symbols, nothing in the assembly tells.
        if (request is { HasRazorPages: true, AssemblyFile: { } own } && !found.Any(dependence => dependence.Assemblies.Contains(own)))
            found = [.. found, new FolderDependences(FolderDependence.Razor, [own])];
        foreach (var (reason, assemblies) in found)
        {
            var remedy = reason switch
            {
                FolderDependence.Paths when !MapsPaths => "Remove DeterministicSourcePaths=false",
                FolderDependence.Paths when !request.IsRequested && assemblies.Contains(request.AssemblyFile) =>
                    "Publish with -p:ContainerPublish=true, which maps what it can",
                FolderDependence.Paths => "Reference Containerize in these projects, too, and publish with -p:ContainerPublish=true",
                FolderDependence.Razor when request.HasRazorPages => "Publish always in one folder",
                _ => "Publish with -p:DebugType=none, or always in one folder",
            };
            var why = reason switch
            {
                FolderDependence.Razor => "through Razor's code in",
                FolderDependence.FSharp => "whose length the F# compiler leaves in",
                _ => "which is written into",
            };
            var names = Names(assemblies);
            log.Tell($"{request.ProjectName}: the image's digest depends on this folder, {why} {names}. {remedy} (docs/how-it-works.md).");
        }
    }

    private static string Names(IReadOnlyList<string> names) => ErrorText.List(names, MaxNames, MaxNameLength);

    private static bool IsOfAnotherProgram(string path) =>
        !path.Contains('/', StringComparison.Ordinal)
        && (path.EndsWith(".deps.json", StringComparison.OrdinalIgnoreCase)
            || path.EndsWith(".runtimeconfig.json", StringComparison.OrdinalIgnoreCase));
}

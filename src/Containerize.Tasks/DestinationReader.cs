using Containerize.Planning;
using Containerize.Stores;

namespace Containerize.Tasks;

/// <summary>Reads from the properties where the image goes.</summary>
internal sealed class DestinationReader
{
    private readonly string _projectDirectory;
    private readonly string _publishDirectory;
    private readonly string _repository;

    public DestinationReader(string projectDirectory, string publishDirectory, string repository)
    {
        _projectDirectory = projectDirectory;
        _publishDirectory = publishDirectory;
        _repository = repository;
    }

    /// <summary>
    /// Files where files are asked for (they win over the registry, as in the .NET SDK's containers); else the registry;
    /// else the engine of this machine, or a file beside the publish folder where none answers.
    /// </summary>
    public IReadOnlyList<Destination> Read(string? registry, string? archive, string? layout, string? engine)
    {
        var files = new List<Destination>();
        if (!string.IsNullOrEmpty(archive))
            files.Add(new Destination(DestinationKind.Archive, ArchivePath(archive)));
        if (!string.IsNullOrEmpty(layout))
            files.Add(new Destination(DestinationKind.OciLayout, Path.GetFullPath(ToLocal(layout), _projectDirectory)));
        if (files.Count > 0)
            return files;
        if (!string.IsNullOrEmpty(registry))
            return [new Destination(DestinationKind.Registry, registry)];

        var beside = Path.Combine(Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(_publishDirectory)) ?? _publishDirectory, FileName);
        return [new Destination(DestinationKind.Engine, EngineName(engine), beside)];
    }

    private string FileName => _repository.Replace('/', '-') + ".tar";

    // A path with an extension is a file; another one, or one that ends like a folder, is a folder: the SDK's rule. Its
    // default file is called .tar.gz there although it is none.
    private string ArchivePath(string path)
    {
        var full = Path.GetFullPath(ToLocal(path), _projectDirectory);
        return Path.HasExtension(full) && !Path.EndsInDirectorySeparator(full) && !Directory.Exists(full)
            ? full
            : Path.Combine(full, FileName);
    }

    private static string ToLocal(string path) => path.Replace('\\', Path.DirectorySeparatorChar);

    private static string EngineName(string? engine)
    {
        if (string.IsNullOrEmpty(engine))
            return "";
        return ContainerEngine.Names.FirstOrDefault(name => name.Equals(engine, StringComparison.OrdinalIgnoreCase))
            ?? throw new ContainerizeException(
                ErrorCodes.LocalRegistryUnknown,
                $"LocalRegistry is '{engine}', which is no known container engine. Set it to {string.Join(", ", ContainerEngine.Names)}, or remove it to take whichever answers.");
    }
}

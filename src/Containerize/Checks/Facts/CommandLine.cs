using Containerize.Files;

namespace Containerize.Checks.Facts;

/// <summary>What an image starts: ENTRYPOINT and CMD, and which files these name.</summary>
internal sealed class CommandLine
{
    // What runc and Docker set where an image has no PATH.
    private const string UsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly ImageTree _files;
    private readonly string _workingDirectory;
    private readonly string[] _path;

    public CommandLine(CheckedImage image, IReadOnlyDictionary<string, string> environment)
    {
        _files = image.Files;
        _workingDirectory = (image.Config.WorkingDirectory ?? "/").TrimEnd('/');
        _path = environment.GetValueOrDefault("PATH", UsualPath).Split(':', StringSplitOptions.RemoveEmptyEntries);
        Words = [.. image.Config.Entrypoint ?? [], .. image.Config.Command ?? []];
        Program = Words is [{ Length: > 0 } first, ..] ? FindProgram(first) : null;
        // A shell gets a whole line in one word.
        Named = [.. Words.SelectMany(word => word.Split([' ', '\t', '\n', '"', '\'', ';'], StringSplitOptions.RemoveEmptyEntries))
            .Select(word => _files.Find(Absolute(word)))
            .Append(Program)
            .Where(node => node is { Kind: ContentKind.File, Source: not null })
            .OfType<ImageNode>()
            .DistinctBy(node => node.Path)];
    }

    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>What the first word leads to; null where there is no such thing.</summary>
    public ImageNode? Program { get; }

    /// <summary>The image's own files that are named anywhere in the command.</summary>
    public IReadOnlyList<ImageNode> Named { get; }

    /// <summary>A path as the first process would see it.</summary>
    public string Absolute(string path) => path.StartsWith('/') ? path
        : $"{_workingDirectory}/{(path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path)}";

    /// <summary>What a word leads to that stands for a program: in PATH, unless it holds a slash.</summary>
    public ImageNode? FindProgram(string word)
    {
        if (word.Contains('/', StringComparison.Ordinal))
            return _files.Find(Absolute(word));
        var found = _path.Select(directory => _files.Find(Absolute(directory) + "/" + word))
            .Where(node => node is not null and not { Kind: ContentKind.Directory }).ToList();
        return found.Find(node => node!.IsExecutable) ?? found.FirstOrDefault();
    }
}

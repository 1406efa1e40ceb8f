using Containerize.Testing;

namespace Containerize.Tests.Support;

/// <summary>A folder of one test, gone with it.</summary>
internal sealed class TempFolder : IDisposable
{
    public TempFolder([System.Runtime.CompilerServices.CallerMemberName] string name = "test") =>
        Path = TestDirectories.CreateUnique(TestDirectories.Sandboxes, name.Length > 40 ? name[..40] : name);

    public string Path { get; }

    /// <summary>The path of something in it, whose own folder exists afterwards.</summary>
    public string this[string relative]
    {
        get
        {
            var path = System.IO.Path.GetFullPath(System.IO.Path.Combine(Path, relative));
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
            return path;
        }
    }

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string relative, string content = "content")
    {
        var path = this[relative];
        File.WriteAllText(path, content);
        return path;
    }

    /// <summary>Writes a file; returns its path.</summary>
    public string Write(string relative, byte[] content)
    {
        var path = this[relative];
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>Every file and folder in it, relative, in ordinal order.</summary>
    public IReadOnlyList<string> Everything() =>
        [.. Directory.EnumerateFileSystemEntries(Path, "*", SearchOption.AllDirectories)
            .Select(path => System.IO.Path.GetRelativePath(Path, path).Replace('\\', '/')).Order(StringComparer.Ordinal)];

    public void Dispose() => TestDirectories.TryDelete(Path);
}

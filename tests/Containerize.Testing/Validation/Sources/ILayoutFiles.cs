namespace Containerize.Testing.Validation.Sources;

/// <summary>The files of an OCI layout, on disk or in a tar.</summary>
internal interface ILayoutFiles
{
    /// <summary>Relative, with slashes.</summary>
    IReadOnlyCollection<string> Paths { get; }

    /// <summary>Throws <see cref="FileNotFoundException"/> when there is no such file.</summary>
    Stream Open(string path);
}

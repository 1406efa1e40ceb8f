namespace Containerize.Benchmarks.Cases;

/// <summary>Where the image of a case goes.</summary>
public enum Place
{
    /// <summary>The registry that has the base, and the images of the runs before.</summary>
    SameRegistry,

    /// <summary>A registry that has the base and nothing else, another one in each run.</summary>
    NewRegistry,

    /// <summary>An empty registry, another one in each run, while the base lies in the first one.</summary>
    OtherRegistry,

    /// <summary>A tar.</summary>
    Archive,

    /// <summary>A file called <c>.tar.gz</c>.</summary>
    GzipArchive,

    /// <summary>Docker's daemon.</summary>
    Docker,
}

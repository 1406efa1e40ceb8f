namespace Containerize.Benchmarks.Cases;

/// <summary>One situation in which images are published, again and again.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">Its name in the report.</param>
public sealed record BenchCase(string Name, string Title)
{
    /// <summary>What is wanted; null where the case is only told of.</summary>
    public Target? Target { get; init; }

    /// <summary>Where the image goes.</summary>
    public Place Place { get; init; }

    /// <summary>Whether a line of the program changes before each run.</summary>
    public bool ChangesLine { get; init; }

    /// <summary>Whether the .NET runtime is part of the application.</summary>
    public bool IsSelfContained { get; init; }

    /// <summary>Whether the project has 1 GB of model files.</summary>
    public bool HasModels { get; init; }

    /// <summary>Whether what earlier publishes left beside the project is removed before each run.</summary>
    public bool ForgetsImage { get; init; }

    /// <summary>Whether what earlier publishes left anywhere on the machine is removed before each run.</summary>
    public bool ForgetsMachine { get; init; }

    /// <summary>Whether the project is built before each run, and published with <c>--no-build</c>.</summary>
    public bool BuildsFirst { get; init; }

    /// <summary>Whether the same command without an image is measured in turns with it, often enough to tell small differences.</summary>
    public bool IsPaired { get; init; }

    /// <summary>Whether building from a Dockerfile is measured too.</summary>
    public bool HasDockerfile { get; init; }

    /// <summary>The framework image to build on.</summary>
    public BaseImage Base => IsSelfContained ? BaseImage.RuntimeDeps : BaseImage.AspNet;
}

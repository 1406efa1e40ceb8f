using Containerize.Benchmarks.Cases;

namespace Containerize.Benchmarks.Competitors;

/// <summary>The same command without an image: what the others are compared with where the whole command counts.</summary>
public sealed class NoImage : DotnetCompetitor
{
    /// <summary>Its name.</summary>
    public const string Id = "no-image";

    /// <inheritdoc/>
    public override string Name => Id;

    /// <inheritdoc/>
    protected override string Switch => "-p:ContainerPublish=false";

    /// <inheritdoc/>
    public override bool TakesPart(BenchCase benchCase) => benchCase.IsPaired;

    // None: the step takes no time.
    /// <inheritdoc/>
    protected override string TargetsFolder(BenchProject project) => project.PathOf("none");

    /// <inheritdoc/>
    protected override Task VerifyAsync(BenchProject project, Route route) => Task.CompletedTask;
}

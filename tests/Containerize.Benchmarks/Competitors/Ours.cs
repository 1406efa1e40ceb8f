using Containerize.Benchmarks.Cases;
using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>Containerize, from its package.</summary>
/// <param name="version">The version of the package.</param>
public sealed class Ours(string version) : DotnetCompetitor
{
    /// <summary>Its name.</summary>
    public const string Id = "containerize";

    /// <inheritdoc/>
    public override string Name => Id;

    /// <inheritdoc/>
    public override string? Package => version;

    /// <inheritdoc/>
    protected override string Switch => "-p:ContainerPublish=true";

    /// <inheritdoc/>
    protected override string TargetsFolder(BenchProject project) =>
        Path.Combine(project.Sandbox.PackagesDirectory, PackedPackage.Id.ToLowerInvariant(), version.ToLowerInvariant());
}

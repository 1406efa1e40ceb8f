using Containerize.Benchmarks.Cases;
using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>The .NET SDK's own containers.</summary>
public sealed class Sdk : DotnetCompetitor
{
    /// <summary>Its name.</summary>
    public const string Id = "sdk";

    /// <inheritdoc/>
    public override string Name => Id;

    /// <inheritdoc/>
    protected override string Switch => "-t:PublishContainer";

    /// <inheritdoc/>
    protected override string TargetsFolder(BenchProject project) => Path.Combine(DotnetSdk.Current.Directory, "Containers");
}

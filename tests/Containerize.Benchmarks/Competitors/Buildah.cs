using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary>buildah, with its cache of layers.</summary>
public sealed class Buildah() : DockerfileCompetitor(Server.Buildah)
{
    /// <inheritdoc/>
    public override string Name => "buildah";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> BuildArguments(string dockerfile, string image, string context) =>
        ["bud", "--quiet", "--layers", "--tls-verify=false", "--file", dockerfile, "--tag", image, context];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> PushArguments(string image) => ["push", "--quiet", "--tls-verify=false", image];
}

using Containerize.Testing;

namespace Containerize.Benchmarks.Competitors;

/// <summary><c>docker build</c> and <c>docker push</c>.</summary>
public sealed class Docker() : DockerfileCompetitor(Server.Docker)
{
    /// <inheritdoc/>
    public override string Name => "docker";

    /// <inheritdoc/>
    protected override IReadOnlyList<string> BuildArguments(string dockerfile, string image, string context) =>
        ["build", "--quiet", "--file", dockerfile, "--tag", image, context];

    /// <inheritdoc/>
    protected override IReadOnlyList<string> PushArguments(string image) => ["push", "--quiet", image];
}

using Containerize.Testing;

namespace Containerize.Benchmarks.Cases;

/// <summary>The registries: docker-registry processes with the testbed's base images, or with nothing, in them.</summary>
/// <remarks>Not the testbed's own: those keep what is pushed, and gigabytes are.</remarks>
public sealed class BenchRegistries : IDisposable
{
    private readonly Sandbox _sandbox;
    private readonly OwnRegistry _shared;
    private int _started;

    private BenchRegistries(Sandbox sandbox)
    {
        _sandbox = sandbox;
        _shared = Create();
    }

    /// <summary>The one that stays through all cases, with the bases in it.</summary>
    public string Shared => _shared.Host;

    /// <summary>Starts the shared one.</summary>
    public static async Task<BenchRegistries> StartAsync(Sandbox sandbox)
    {
        var registries = new BenchRegistries(sandbox);
        await registries._shared.StartAsync();
        foreach (var image in BaseImage.All)
            await registries.CopyAsync(image, registries.Shared);
        return registries;
    }

    /// <summary>Starts another one, which its owner disposes.</summary>
    /// <param name="image">The base that is in it; null for an empty one.</param>
    public async Task<OwnRegistry> StartNewAsync(BaseImage? image)
    {
        var registry = Create();
        await registry.StartAsync();
        if (image is not null)
            await CopyAsync(image, registry.Host);
        return registry;
    }

    /// <inheritdoc/>
    public void Dispose() => _shared.Dispose();

    private OwnRegistry Create() => new(_sandbox.PathOf("registries", $"{++_started}"));

    private async Task CopyAsync(BaseImage image, string host) => (await _sandbox.RunAsync(
        Testbed.Get(Server.Skopeo),
        ["copy", "--quiet", "--src-tls-verify=false", "--dest-tls-verify=false", $"docker://{Testbed.Get(image.Key)}", $"docker://{host}/{image.Name}"])).EnsureSuccess();
}

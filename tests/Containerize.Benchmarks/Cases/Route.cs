using Containerize.Benchmarks.Measuring;
using Containerize.Testing;

namespace Containerize.Benchmarks.Cases;

/// <summary>Where the base of a run comes from and its image goes to, and what is counted on the way.</summary>
public sealed class Route : IAsyncDisposable
{
    private readonly List<CountingProxy> _proxies = [];
    private OwnRegistry? _own;

    private Route(string from, string to) => (From, To) = (from, to);

    /// <summary>The registry of the base, as <c>host:port</c>.</summary>
    public string From { get; private set; }

    /// <summary>The registry of the image, as <c>host:port</c>, for the cases that use one.</summary>
    public string To { get; private set; }

    /// <summary>What was counted since <see cref="Reset"/>; nothing without proxies.</summary>
    public Traffic Traffic => _proxies.Aggregate(new Traffic(0, 0, 0), (sum, proxy) => sum + proxy.Traffic);

    /// <summary>Opens one; what it starts ends with it.</summary>
    public static async Task<Route> OpenAsync(BenchRegistries registries, BenchCase benchCase, bool isCounted)
    {
        var route = new Route(registries.Shared, registries.Shared);
        if (IsNewEachTime(benchCase))
        {
            var holdsBase = benchCase.Place == Place.NewRegistry;
            route._own = await registries.StartNewAsync(holdsBase ? benchCase.Base : null);
            route.To = route._own.Host;
            if (holdsBase)
                route.From = route.To;
        }

        if (isCounted)
            await route.CountAsync();
        return route;
    }

    /// <summary>Whether each run of a case needs a route of its own.</summary>
    public static bool IsNewEachTime(BenchCase benchCase) => benchCase.Place is Place.NewRegistry or Place.OtherRegistry;

    /// <summary>Counts from zero again.</summary>
    public void Reset() => _proxies.ForEach(proxy => proxy.Reset());

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
            await proxy.DisposeAsync();
        _own?.Dispose();
    }

    private async Task CountAsync()
    {
        var isOne = From == To;
        From = await PutBeforeAsync(From);
        To = isOne ? From : await PutBeforeAsync(To);
    }

    private async Task<string> PutBeforeAsync(string registry)
    {
        var proxy = await CountingProxy.StartAsync(registry);
        _proxies.Add(proxy);
        return proxy.Host;
    }
}

using Xunit;

namespace Containerize.EndToEnd.Support;

/// <summary>The tests that share <see cref="PrivateRegistries"/>.</summary>
[CollectionDefinition(Name)]
public sealed class PrivateRegistriesDefinition : ICollectionFixture<LazyPrivateRegistries>
{
    public const string Name = "private registries";
}

/// <summary>Nothing is made for tests that are skipped.</summary>
public sealed class LazyPrivateRegistries : IAsyncLifetime
{
    private readonly Lazy<Task<PrivateRegistries>> _registries = new(PrivateRegistries.StartAsync);

    public Task<PrivateRegistries> GetAsync() => _registries.Value;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_registries.IsValueCreated && _registries.Value.IsCompletedSuccessfully)
            await _registries.Value.Result.DisposeAsync();
    }
}

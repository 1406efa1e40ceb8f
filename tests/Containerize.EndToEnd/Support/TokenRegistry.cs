using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;

namespace Containerize.EndToEnd.Support;

/// <summary>A docker-registry that takes the tokens of a token server, and no other login.</summary>
public sealed class TokenRegistry : IAsyncDisposable
{
    private readonly OwnRegistry _registry;

    private TokenRegistry(TokenServer tokens, OwnRegistry registry)
    {
        Tokens = tokens;
        _registry = registry;
    }

    public TokenServer Tokens { get; }

    public string Host => _registry.Host;

    /// <summary>Starts both.</summary>
    public static async Task<TokenRegistry> StartAsync(string folder, TestRegistryAuth.Bearer options)
    {
        var tokens = await TokenServer.StartAsync(options);
        Directory.CreateDirectory(folder);
        var bundle = Path.Combine(folder, "tokens.pem");
        await File.WriteAllTextAsync(bundle, tokens.CertificatePem);
        var registry = new OwnRegistry(
            folder,
            root: $"auth: {{token: {{realm: \"{tokens.Realm}\", service: \"{TokenServer.Service}\", issuer: "
                + $"\"{TokenServer.Issuer}\", rootcertbundle: \"{bundle}\"}}}}");
        await registry.StartAsync();
        return new TokenRegistry(tokens, registry);
    }

    public async ValueTask DisposeAsync()
    {
        _registry.Dispose();
        await Tokens.DisposeAsync();
    }
}

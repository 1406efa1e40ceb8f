namespace Containerize.Testing.Registries.Routing;

/// <summary>The addresses of a registry's hosts. They are known only once Kestrel listens, which is before the first request.</summary>
internal sealed class RegistryHosts
{
    public string Scheme { get; set; } = "http";

    public string Registry { get; set; } = "";

    /// <summary>Where tokens come from, which may be the registry itself.</summary>
    public string Token { get; set; } = "";

    /// <summary>Where blobs are redirected to; empty when they are not.</summary>
    public string Blobs { get; set; } = "";

    /// <summary>The name of the service in challenges, and what the token endpoint expects to hear.</summary>
    public string Service => Registry;

    public string TokenAddress => $"{Scheme}://{Token}{Auth.TokenEndpoint.Path}";

    public string RegistryAddress => $"{Scheme}://{Registry}";

    public string BlobsAddress => $"{Scheme}://{Blobs}";
}

using Containerize.Registries.Authentication;

namespace Containerize.Registries;

/// <summary>What the handlers know of a request beside the request itself.</summary>
internal sealed class RegistryCall
{
    public required RegistryHost Host { get; init; }

    public required string Repository { get; init; }

    public required RegistryAccess Access { get; init; }

    /// <summary>What is asked for, as the object of a sentence: "the manifest 'app:latest'".</summary>
    public required string What { get; init; }

    /// <summary>The rights that are needed, those of the repository itself first.</summary>
    public required IReadOnlyList<Scope> Scopes { get; init; }

    /// <summary>
    /// Bytes. Where it is set, an attempt ends with the last byte of the body, so that a document that breaks off is
    /// asked for again, and a longer body is an error.
    /// </summary>
    public int? BufferLimit { get; init; }

    /// <summary>Set where one request alone cannot be repeated, because it belongs to an upload session.</summary>
    public bool RetriedByCaller { get; init; }

    /// <summary>
    /// Set for requests that carry credentials in their own right, as those for tokens do. Only the origin that they are made for gets
    /// them: a redirect elsewhere is followed without, or not at all where they are in the body.
    /// </summary>
    public bool BringsCredentials { get; init; }

    /// <summary>The host that the registry has sent the request to, if any; set by the redirect handler.</summary>
    public string? RedirectedTo { get; set; }

    /// <summary>Whether a redirect has taken away what the request was to be authenticated with; set by the redirect handler.</summary>
    public bool LostCredentials { get; set; }

    /// <summary>How the request was authenticated, as a sentence for the error; set by the authentication handler.</summary>
    public string? Authentication { get; set; }

    /// <summary>Whether there were credentials to authenticate with; set by the authentication handler.</summary>
    public bool HasLogin { get; set; }
}

internal static class RegistryCallExtensions
{
    private static readonly HttpRequestOptionsKey<RegistryCall> Key = new("Containerize.RegistryCall");

    extension(HttpRequestMessage request)
    {
        /// <summary>What the request is part of; every request of this library has it.</summary>
        public RegistryCall Call
        {
            get => request.Options.TryGetValue(Key, out var call)
                ? call
                : throw new InvalidOperationException("A request without its call.");
            set => request.Options.Set(Key, value);
        }
    }
}

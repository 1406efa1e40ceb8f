using Containerize.Caches;
using Containerize.Registries.Authentication;

namespace Containerize.Registries.Endpoints;

/// <summary>What all endpoints of one repository share: where it is, and how a request to it is made.</summary>
internal sealed record RepositoryContext(
    RegistryCaller Caller, RegistryHost Host, string Name, RegistryAccess Access, RegistryKnowledge State, RegistryDocuments Documents)
{
    /// <summary>The repository with its registry, for messages.</summary>
    public string FullName => $"{Host}/{Name}";

    public HttpRequestMessage Request(
        HttpMethod method,
        string path,
        string what,
        int? bufferLimit = null,
        Scope? alsoNeeded = null,
        bool retriedByCaller = false) =>
        Request(method, Host.Address($"/v2/{Name}/{path}"), what, bufferLimit, alsoNeeded, retriedByCaller);

    public HttpRequestMessage Request(
        HttpMethod method,
        Uri address,
        string what,
        int? bufferLimit = null,
        Scope? alsoNeeded = null,
        bool retriedByCaller = false)
    {
        var request = new HttpRequestMessage(method, address);
        request.Call = Call(method, what, bufferLimit, alsoNeeded, retriedByCaller);
        return request;
    }

    public RegistryCall Call(
        HttpMethod method, string what, int? bufferLimit = null, Scope? alsoNeeded = null, bool retriedByCaller = false)
    {
        // A push asks for both rights at once: one token serves the existence checks and the uploads.
        var reads = Access != RegistryAccess.Push && (method == HttpMethod.Get || method == HttpMethod.Head);
        var own = reads ? Scope.Pull(Name) : Scope.PullAndPush(Name);
        return new RegistryCall
        {
            Host = Host,
            Repository = Name,
            Access = Access,
            What = what,
            Scopes = alsoNeeded is null ? [own] : Scope.Merge([own, alsoNeeded]),
            BufferLimit = bufferLimit,
            RetriedByCaller = retriedByCaller,
        };
    }

    public RegistryException Invalid(string message, Exception? inner = null) =>
        new(RegistryFailure.InvalidContent, message, Host.Name, Name, inner: inner);
}

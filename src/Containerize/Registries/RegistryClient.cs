using System.Collections.Concurrent;
using Containerize.Caches;
using Containerize.Registries.Authentication;
using Containerize.Registries.Configuration;
using Containerize.Registries.Credentials;
using Containerize.Registries.Endpoints;
using Containerize.Registries.Transport;

namespace Containerize.Registries;

/// <summary>
/// Talks to registries (OCI distribution-spec 1.1). One for a whole build: connections, tokens, credentials and what is
/// known of each registry are shared by all its repositories. Safe for use by many at once.
/// </summary>
internal sealed class RegistryClient : IDisposable
{
    private readonly InsecureHosts _insecure;
    private readonly PullSources _sources;
    private readonly HttpMessageInvoker _pipeline;
    private readonly RegistryCaller _caller;
    private readonly TimeProvider _clock;
    private readonly RegistryHints _notes;
    private readonly RegistryDocuments _documents;
    private readonly ConcurrentDictionary<string, RegistryKnowledge> _states = new(StringComparer.Ordinal);

    /// <summary>Makes a client. Nothing is sent before something is asked for.</summary>
    public RegistryClient(RegistryClientOptions options)
        : this(options, null)
    {
    }

    /// <summary>For tests: with something else than the network at the bottom.</summary>
    internal RegistryClient(RegistryClientOptions options, HttpMessageHandler? transport)
    {
        _clock = options.Clock;
        _notes = options.Notes ?? new RegistryHints(null, _clock);
        _documents = options.Documents ?? new RegistryDocuments(null, _clock);
        var machine = new MachineConfiguration(options.Environment, options.Notice);
        _sources = new PullSources(options.Mirrors, machine);
        _insecure = new InsecureHosts(
            options.InsecureRegistries, options.Environment.GetVariable("DOTNET_CONTAINER_INSECURE_REGISTRIES"), () => machine.Insecure);
        var retries = new RetryPolicy(_clock, options.Notice);

        // From the bottom: bytes, destination, silence, trace, scheme; above that two tops, since tokens are fetched by way of the same
        // connections but without authentication.
        HttpMessageHandler wire = transport ?? new TransportHandler(
            _insecure, options.UserAgent, options.ConnectTimeout, machine.CertificateFolderOf, options.Environment, options.Resolve);
        wire = new DestinationHandler(wire);
        wire = new SilenceHandler(_clock, options.SilenceTimeout, wire);
        if (options.Trace is { } trace)
            wire = new TraceHandler(trace, _clock, wire);
        wire = new SchemeHandler(_insecure, wire);

        var tokens = new TokenService(new RegistryCaller(Top(wire), retries), _insecure, _clock);
        var credentials = new CredentialChain(
        [
            new ProjectCredentials(options.Logins, options.Environment),
            new EnvironmentCredentials(options.Environment),
            new AuthFileCredentials(options.Environment, new CredentialHelper(options.Processes, _clock)),
        ]);
        _pipeline = Top(new AuthenticationHandler(credentials, tokens, new TokenCache(_clock), wire));
        _caller = new RegistryCaller(_pipeline, retries);

        HttpMessageInvoker Top(HttpMessageHandler inner) => new(new RetryHandler(retries, new RedirectHandler(_insecure, inner)));
    }

    /// <summary>A repository of a registry. Nothing is sent yet, and nothing need be disposed.</summary>
    /// <param name="registry">The host as it is named in references: <c>docker.io</c>, <c>localhost:5000</c>.</param>
    /// <param name="repository">The path in the registry.</param>
    /// <param name="access">What it is opened for.</param>
    /// <exception cref="ArgumentException">One of the names is not valid.</exception>
    public RegistryRepository Repository(string registry, string repository, RegistryAccess access = RegistryAccess.Pull)
    {
        if (!Images.ImageReference.IsValidRepository(repository))
            throw new ArgumentException($"'{repository}' is not the name of a repository.", nameof(repository));
        var host = new RegistryHost(registry);
        var state = _states.GetOrAdd(host.Authority, authority => new RegistryKnowledge(authority, _notes));
        return new RegistryRepository(new RepositoryContext(_caller, host, repository, access, state, _documents), _insecure, _clock);
    }

    /// <summary>
    /// Where an image may be pulled from, in the order in which the places are to be asked: mirrors, then the registry itself.
    /// </summary>
    /// <exception cref="RegistryException">Pulling from there is forbidden on this machine.</exception>
    public IReadOnlyList<PullSource> SourcesOf(Images.ImageReference reference) => _sources.Of(reference);

    /// <summary>Closes all connections.</summary>
    public void Dispose() => _pipeline.Dispose();
}

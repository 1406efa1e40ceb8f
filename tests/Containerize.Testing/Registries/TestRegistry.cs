using System.Net;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Registries.Recording;
using Containerize.Testing.Registries.Routing;
using Containerize.Testing.Registries.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Containerize.Testing.Registries;

/// <summary>
/// A registry (OCI distribution-spec 1.1) in this process, on a free port of the loopback address, with everything in memory.
/// It is stricter than most: what it takes, others take. It records what it was asked, and fails on demand.
/// </summary>
public sealed class TestRegistry : IAsyncDisposable
{
    // A request that a fault holds back must not hold back the end of a test.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromMilliseconds(200);

    private readonly WebApplication _app;
    private readonly RegistryPipeline _pipeline;
    private readonly RegistryStorage _storage = new();
    private readonly RegistryHosts _hosts = new();
    private readonly TokenStore _tokens;
    private readonly TokenEndpoint? _tokenEndpoint;
    private readonly List<ListenOptions> _listeners = [];

    private TestRegistry(TestRegistryOptions options)
    {
        Options = options;
        _tokens = new TokenStore(options.Clock);
        if (options.Auth is TestRegistryAuth.Bearer bearer)
            _tokenEndpoint = new TokenEndpoint(
                bearer, _tokens, options.Clock, () => _hosts.Service, repository => _storage.Find(repository) is not null);
        _pipeline = new RegistryPipeline(
            _hosts, _storage, Faults, new Authenticator(options, _tokens, _hosts), _tokenEndpoint, options);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(ConfigureKestrel);
        if (options.Certificate is not null)
            builder.WebHost.UseKestrelHttpsConfiguration();
        _app = builder.Build();
        _app.Run(_pipeline.InvokeAsync);
    }

    /// <summary>How it behaves.</summary>
    public TestRegistryOptions Options { get; }

    /// <summary>What goes wrong, and when.</summary>
    public FaultScript Faults { get; } = new();

    /// <summary><c>127.0.0.1:PORT</c>, as it stands in a reference to an image.</summary>
    public string Host => _hosts.Registry;

    /// <summary>The host of the token endpoint; the registry's own unless <see cref="TestRegistryAuth.Bearer.OwnHost"/> is set.</summary>
    public string TokenHost => _hosts.Token;

    /// <summary>The host that blobs are redirected to; empty without <see cref="TestRegistryOptions.RedirectBlobs"/>.</summary>
    public string BlobHost => _hosts.Blobs;

    /// <summary>The registry's address with its scheme.</summary>
    public Uri Address => new(_hosts.RegistryAddress);

    /// <summary>What the registry was asked so far, in the order of arrival; without the token endpoint and the blob host.</summary>
    public IReadOnlyList<RecordedRequest> Requests => _pipeline.RegistryLog.Snapshot();

    /// <summary>What the blob host was asked so far.</summary>
    public IReadOnlyList<RecordedRequest> BlobHostRequests => _pipeline.BlobHostLog.Snapshot();

    /// <summary>The token endpoint's requests as HTTP, with those that a fault has struck.</summary>
    public IReadOnlyList<RecordedRequest> TokenHttpRequests => _pipeline.TokenLog.Snapshot();

    /// <summary>The token endpoint's requests as it understood them.</summary>
    public IReadOnlyList<TokenRequest> TokenRequests => _tokenEndpoint?.Requests ?? [];

    /// <summary>Starts a registry.</summary>
    public static async Task<TestRegistry> StartAsync(TestRegistryOptions? options = null)
    {
        var registry = new TestRegistry(options ?? new TestRegistryOptions());
        await registry._app.StartAsync();
        registry.ReadHosts();
        return registry;
    }

    /// <summary>Forgets the requests so far, as after the preparations of a test.</summary>
    public void ClearRequests()
    {
        _pipeline.RegistryLog.Clear();
        _pipeline.TokenLog.Clear();
        _pipeline.BlobHostLog.Clear();
        _tokenEndpoint?.ClearRequests();
    }

    /// <summary>Makes all tokens worthless, as when they expire in the middle of a push.</summary>
    public void RevokeTokens() => _tokens.RevokeAll();

    /// <summary>Creates an empty repository, as registries want it that do not create one with the first push.</summary>
    public void CreateRepository(string repository) => _storage.GetOrCreate(repository);

    /// <summary>Puts a blob into a repository; returns its digest.</summary>
    public string PutBlob(string repository, ReadOnlySpan<byte> content) => _storage.PutBlob(repository, content);

    /// <summary>Puts a manifest or an index into a repository, unchecked; returns its digest.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="tag">The tag to move there, or null.</param>
    /// <param name="mediaType">Its Content-Type.</param>
    /// <param name="content">Its bytes.</param>
    public string PutManifest(string repository, string? tag, string mediaType, ReadOnlySpan<byte> content) =>
        _storage.GetOrCreate(repository).PutManifest(tag, mediaType, content).Digest;

    /// <summary>Loses a blob that manifests may still list; false when the repository did not hold it.</summary>
    public bool RemoveBlob(string repository, string digest) => _storage.Find(repository)?.Blobs.TryRemove(digest, out _) == true;

    /// <summary>A blob, or null when the repository does not hold it.</summary>
    public byte[]? FindBlob(string repository, string digest) => _storage.FindBlob(repository, digest);

    /// <summary>The digests of all blobs of a repository, sorted.</summary>
    public IReadOnlyList<string> Blobs(string repository) =>
        [.. (_storage.Find(repository)?.Blobs.Keys ?? []).Order(StringComparer.Ordinal)];

    /// <summary>The manifest of a digest or a tag, or null.</summary>
    public StoredManifest? FindManifest(string repository, string reference) => _storage.Find(repository)?.FindManifest(reference);

    /// <summary>The manifests and indexes of a repository, sorted by digest.</summary>
    public IReadOnlyList<StoredManifest> Manifests(string repository) => _storage.Find(repository)?.Manifests ?? [];

    /// <summary>The tags of a repository, sorted.</summary>
    public IReadOnlyList<string> Tags(string repository) => _storage.Find(repository)?.Tags ?? [];

    /// <summary>How many uploads were begun and neither finished nor deleted: a client that gives up should leave none.</summary>
    public int OpenUploads(string repository) => _storage.Find(repository)?.Uploads.Count ?? 0;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using var timeout = new CancellationTokenSource(ShutdownTimeout);
        await _app.StopAsync(timeout.Token);
        await _app.DisposeAsync();
    }

    private void ConfigureKestrel(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = null;
        // A test that lets a client be slow decides itself how slow that is.
        kestrel.Limits.MinRequestBodyDataRate = null;
        kestrel.Limits.MinResponseDataRate = null;
        var listeners = 1 + (HasOwnTokenHost ? 1 : 0) + (Options.RedirectBlobs ? 1 : 0);
        for (var i = 0; i < listeners; i++)
        {
            kestrel.Listen(IPAddress.Loopback, 0, listener =>
            {
                listener.Protocols = HttpProtocols.Http1;
                if (Options.Certificate is { } certificate)
                    listener.UseHttps(certificate);
                _listeners.Add(listener);
            });
        }
    }

    private bool HasOwnTokenHost => Options.Auth is TestRegistryAuth.Bearer { OwnHost: true };

    /// <summary>The ports that Kestrel has got, in the order in which they were asked for.</summary>
    private void ReadHosts()
    {
        var hosts = new Queue<string>(_listeners.Select(listener => listener.EndPoint.ToString() ?? ""));
        _hosts.Scheme = Options.Certificate is null ? "http" : "https";
        _hosts.Registry = hosts.Dequeue();
        _hosts.Token = HasOwnTokenHost ? hosts.Dequeue() : _hosts.Registry;
        _hosts.Blobs = Options.RedirectBlobs ? hosts.Dequeue() : "";
    }
}

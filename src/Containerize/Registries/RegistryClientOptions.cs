using System.Net;
using Containerize.Caches;
using Containerize.Hosting;

namespace Containerize.Registries;

/// <summary>What a <see cref="RegistryClient"/> needs from outside.</summary>
internal sealed record RegistryClientOptions
{
    /// <summary>Environment variables and home directory: where credentials and insecure registries are named.</summary>
    public required IEnvironment Environment { get; init; }

    /// <summary>Runs credential helpers.</summary>
    public required IProcessRunner Processes { get; init; }

    /// <summary>Delays between attempts and the lifetime of tokens.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>
    /// Registries (<c>host</c> or <c>host:port</c>) that may speak plain HTTP or show any certificate, beside those of the
    /// variable <c>DOTNET_CONTAINER_INSECURE_REGISTRIES</c> and beside loopback addresses, which always may.
    /// </summary>
    public IReadOnlyList<string> InsecureRegistries { get; init; } = [];

    /// <summary>Logins that take precedence over all others, for the registries that they name.</summary>
    public IReadOnlyList<RegistryLogin> Logins { get; init; } = [];

    /// <summary>Where images are pulled from first; those of the machine's own files come after them.</summary>
    public IReadOnlyList<RegistryMirror> Mirrors { get; init; } = [];

    /// <summary>What other processes and earlier builds tell of registries; null for nothing.</summary>
    public RegistryHints? Notes { get; init; }

    /// <summary>Documents that were served before; null for none.</summary>
    public RegistryDocuments? Documents { get; init; }

    /// <summary>Sent with every request.</summary>
    public string UserAgent { get; init; } = "Containerize";

    /// <summary>Receives a line for every request. No line holds a credential; unknown query values are left out.</summary>
    public Action<string>? Trace { get; init; }

    /// <summary>Receives sentences that the user should see, such as why nothing happens for a while.</summary>
    public Action<string>? Notice { get; init; }

    /// <summary>How long a connection may take to come about, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a registry may be silent, in either direction, while something is expected of it.</summary>
    public TimeSpan SilenceTimeout { get; init; } = TimeSpan.FromSeconds(100);

    /// <summary>Asks what the name of a host means that a server has named. For tests: names that mean what they want.</summary>
    internal Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;
}

namespace Containerize.Registries.Transport;

/// <summary>
/// The hosts that may speak plain HTTP and show any certificate: those that the user names, and loopback addresses,
/// as in Docker Engine (127.0.0.0/8 is an insecure registry there without being listed).
/// </summary>
internal sealed class InsecureHosts
{
    private readonly List<RegistryHost> _listed;

    public InsecureHosts(IEnumerable<string> options, string? variable)
    {
        // The SDK splits the variable at ';' while its documentation shows ',': both are in use.
        var names = options.Concat((variable ?? "").Split([';', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        _listed = [.. names.Select(WithoutScheme).Where(Images.ImageReference.IsValidRegistry).Select(name => new RegistryHost(name))];
    }

    public bool Contains(Uri uri) => Addresses.IsLoopback(uri) || _listed.Exists(host => host.Owns(uri));

    private static string WithoutScheme(string name)
    {
        var scheme = name.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? name : name[(scheme + 3)..]).TrimEnd('/');
    }
}

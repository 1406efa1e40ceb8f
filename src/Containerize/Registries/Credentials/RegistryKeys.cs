using Containerize.Registries.Transport;

namespace Containerize.Registries.Credentials;

/// <summary>The names under which credentials for a repository may be filed.</summary>
internal static class RegistryKeys
{
    /// <summary>Docker Hub's key since the days of its first API; docker login writes it to this day.</summary>
    public const string DockerHub = "https://index.docker.io/v1/";

    private static readonly string[] DockerHubHosts = ["index.docker.io", "docker.io", "registry-1.docker.io", "registry.hub.docker.com"];

    /// <summary>What a helper is asked for where no file names a key.</summary>
    public static string Canonical(RegistryHost host) => host.IsDockerHub ? DockerHub : host.Authority;

    /// <summary>All names, most specific first, in lower case.</summary>
    public static IReadOnlyList<string> Of(RegistryHost host, string repository)
    {
        string[] hosts = host.IsDockerHub ? DockerHubHosts : [host.Authority];
        var names = new List<string>();
        for (var path = repository; path.Length > 0;)
        {
            names.AddRange(hosts.Select(name => $"{name}/{path}"));
            var slash = path.LastIndexOf('/');
            path = slash < 0 ? "" : path[..slash];
        }

        names.AddRange(hosts);
        return names;
    }

    /// <summary>How well a key of a file fits, 0 being best; negative where it does not fit.</summary>
    public static int Rank(IReadOnlyList<string> names, string key)
    {
        var plain = Normalize(key);
        for (var i = 0; i < names.Count; i++)
        {
            // Among the forms of one name, the one as it is written nowadays comes first.
            if (CanonicalHost.WithoutPortOfHttps(names[i]) == plain)
                return (2 * i) + (key == names[i] || key == DockerHub ? 0 : 1);
        }

        return -1;
    }

    private static string Normalize(string key)
    {
        var plain = Addresses.WithoutScheme(key);
        var slash = plain.IndexOf('/', StringComparison.Ordinal);
        // "/v1" and "/v2" right behind the host are the API's version, not a repository.
        if (slash > 0 && plain[slash..] is "/v1" or "/v2")
            plain = plain[..slash];
        return CanonicalHost.WithoutPortOfHttps(CanonicalHost.NameOf(plain.ToLowerInvariant()));
    }
}

using System.Text;
using Containerize.Hosting;

namespace Containerize.Registries.Credentials;

/// <summary>
/// What docker login and podman login leave behind. The variable DOCKER_AUTH_CONFIG (its content, not a path) goes
/// before all files, as in Docker's own command line; REGISTRY_AUTH_FILE replaces them, as in the .NET SDK.
/// </summary>
internal sealed class AuthFileCredentials(IEnvironment environment, CredentialHelper helper) : ICredentialSource
{
    private const string OnlyFile = "REGISTRY_AUTH_FILE";
    // Bytes.
    private const int SizeLimit = 4 * 1024 * 1024;

    public async Task<Credential?> FindAsync(CredentialQuery query, ICollection<string> looked, CancellationToken cancellationToken)
    {
        if (environment.GetVariable("DOCKER_AUTH_CONFIG") is { } json)
        {
            looked.Add("DOCKER_AUTH_CONFIG");
            var file = Parse(query, "DOCKER_AUTH_CONFIG", Encoding.UTF8.GetBytes(json));
            if (await FindAsync(file, query, looked, cancellationToken).ConfigureAwait(false) is { } credential)
                return credential;
        }

        foreach (var path in Paths())
        {
            var content = await ReadAsync(path, query, cancellationToken).ConfigureAwait(false);
            looked.Add(
                content is null && path == environment.GetVariable(OnlyFile) ? $"{path} (named by {OnlyFile}, but there is no such file)"
                    : path);
            if (content is null)
                continue;
            if (await FindAsync(Parse(query, path, content), query, looked, cancellationToken).ConfigureAwait(false) is { } credential)
                return credential;
        }

        return null;
    }

    /// <summary>
    /// In the .NET SDK's order, and its misspelt XDG_CONFIG_DIR beside the right name. Unlike it, podman has a place for its file without
    /// XDG_RUNTIME_DIR, too (containers-auth.json(5)).
    /// </summary>
    private List<string> Paths()
    {
        if (environment.GetVariable(OnlyFile) is { } only)
            return [only];
        var home = environment.HomeDirectory;
        var configuration = environment.GetVariable("XDG_CONFIG_HOME") ?? environment.GetVariable("XDG_CONFIG_DIR")
            ?? Path.Combine(home, ".config");
        List<string> paths = [];
        if (environment.GetVariable("XDG_RUNTIME_DIR") is { } runtime)
            paths.Add(Path.Combine(runtime, "containers", "auth.json"));
        else if (environment.RuntimeDirectory is { } users)
            paths.Add(Path.Combine(users, "auth.json"));
        paths.Add(Path.Combine(configuration, "containers", "auth.json"));
        paths.Add(Path.Combine(environment.GetVariable("DOCKER_CONFIG") ?? Path.Combine(home, ".docker"), "config.json"));
        return paths;
    }

    private async Task<Credential?> FindAsync(
        AuthFile file, CredentialQuery query, ICollection<string> looked, CancellationToken cancellationToken)
    {
        if (file.HelperFor(query.Host, query.Repository) is var (named, namedKey))
            return await helper.GetAsync(
                named, namedKey, file.Source, required: true, query, looked, cancellationToken).ConfigureAwait(false);
        if (file.Store is { } store)
        {
            var key = file.KeysFor(query.Host, query.Repository).FirstOrDefault() ?? RegistryKeys.Canonical(query.Host);
            var stored = await helper.GetAsync(
                store, key, file.Source, required: false, query, looked, cancellationToken).ConfigureAwait(false);
            if (stored is not null)
                return stored;
        }

        try
        {
            return file.Find(query.Host, query.Repository);
        }
        catch (FormatException e)
        {
            throw Unreadable(query, file.Source, e.Message, e);
        }
    }

    private static async Task<byte[]?> ReadAsync(string path, CredentialQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await UserFile.ReadAsync(path, SizeLimit, null, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Unreadable(query, path, e.Message.TrimEnd('.'), e);
        }
    }

    private static AuthFile Parse(CredentialQuery query, string source, byte[] content)
    {
        try
        {
            return AuthFile.Parse(source, content);
        }
        catch (FormatException e)
        {
            throw Unreadable(query, source, e.Message, e);
        }
    }

    private static RegistryException Unreadable(CredentialQuery query, string source, string reason, Exception? inner) =>
        query.Unreadable($"The credentials for the registry '{query.Host}' cannot be read from {source}: {reason}.", inner);
}

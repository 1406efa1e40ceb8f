using Containerize.Hosting;

namespace Containerize.Registries.Credentials;

/// <summary>The logins that the project names, most specific first. They name their host, and so take precedence over all others.</summary>
internal sealed class ProjectCredentials(IReadOnlyList<RegistryLogin> logins, IEnvironment environment) : ICredentialSource
{
    // Bytes.
    private const int SizeLimit = 64 * 1024;

    public async Task<Credential?> FindAsync(CredentialQuery query, ICollection<string> looked, CancellationToken cancellationToken)
    {
        if (logins.Count == 0)
            return null;
        looked.Add("ContainerRegistryLogin");
        var names = RegistryKeys.Of(query.Host, query.Repository);
        var login = logins.Select(login => (Login: login, Rank: RegistryKeys.Rank(names, login.Registry))).Where(found => found.Rank >= 0)
            .OrderBy(found => found.Rank).FirstOrDefault().Login;
        if (login is null)
            return null;
        var user = login.User ?? Variable(query, login, login.UserVariable!);
        var (secret, source) = login.PasswordFile is { } file
            ? (await ReadAsync(query, login, file, cancellationToken).ConfigureAwait(false), $"the file '{file}'")
            : (Variable(query, login, login.PasswordVariable!), login.PasswordVariable!);
        return AuthFile.Credential(user, secret, $"{source} (ContainerRegistryLogin '{login.Registry}')");
    }

    private string Variable(CredentialQuery query, RegistryLogin login, string name) => environment.GetVariable(name)
        ?? throw query.Unreadable(
                $"The ContainerRegistryLogin '{login.Registry}' takes what the environment variable {name} holds, "
                    + "but it is not set or empty.");

    private static async Task<string> ReadAsync(
        CredentialQuery query, RegistryLogin login, string file, CancellationToken cancellationToken)
    {
        try
        {
            using var reader = new StreamReader(
                new MemoryStream(await UserFile.ReadAsync(file, SizeLimit, null, cancellationToken).ConfigureAwait(false)));
            var secret = (await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false)).TrimEnd('\r', '\n');
            return secret.Length > 0
                ? secret
                : throw query.Unreadable(
                    $"The ContainerRegistryLogin '{login.Registry}' takes what is in the file '{file}', which is empty.");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw query.Unreadable(
                $"The ContainerRegistryLogin '{login.Registry}' takes what is in the file '{file}', which does not exist.",
                e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw query.Unreadable(
                $"The ContainerRegistryLogin '{login.Registry}' takes what is in the file '{file}', which cannot be read: "
                    + $"{e.Message.TrimEnd('.')}.",
                e);
        }
    }
}

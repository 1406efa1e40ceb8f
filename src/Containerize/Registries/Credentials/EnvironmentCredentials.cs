using Containerize.Hosting;

namespace Containerize.Registries.Credentials;

/// <summary>
/// The .NET SDK's pairs of variables, in its order. They name no host: they are meant for every registry of the
/// build that asks. Empty counts as unset. Half a pair is a mistake.
/// </summary>
internal sealed class EnvironmentCredentials(IEnvironment environment) : ICredentialSource
{
    private const string Pull = "DOTNET_CONTAINER_PULL_REGISTRY";
    private const string Push = "DOTNET_CONTAINER_PUSH_REGISTRY";
    private const string General = "DOTNET_CONTAINER_REGISTRY";
    private const string Legacy = "SDK_CONTAINER_REGISTRY";

    public Task<Credential?> FindAsync(CredentialQuery query, ICollection<string> looked, CancellationToken cancellationToken)
    {
        ReadOnlySpan<string> prefixes = query.Access switch
        {
            RegistryAccess.Pull => [Pull],
            RegistryAccess.Mirror => [],
            RegistryAccess.Push => [Push, General, Legacy],
            _ => [Pull, General, Legacy],
        };
        foreach (var prefix in prefixes)
        {
            var (user, password) = (environment.GetVariable(prefix + "_UNAME"), environment.GetVariable(prefix + "_PWORD"));
            if (user is not null && password is not null)
                return Task.FromResult<Credential?>(
                    new Credential(CredentialKind.Password, user, password, $"{prefix}_UNAME and {prefix}_PWORD"));
            if (user is not null || password is not null)
                throw Half(query, prefix, missing: user is null ? "_UNAME" : "_PWORD", present: user is null ? "_PWORD" : "_UNAME");
            looked.Add($"{prefix}_UNAME/_PWORD");
        }

        return Task.FromResult<Credential?>(null);
    }

    // Going on with the next pair would end in a refusal that says nothing of the mistake: a secret that CI did not hand over, mostly.
    private static RegistryException Half(CredentialQuery query, string prefix, string missing, string present) => query.Unreadable(
        $"Of the credentials for '{query.Host}', {prefix}{present} is set, but {prefix}{missing} is not set or empty. "
            + "Both are needed, or neither.");
}

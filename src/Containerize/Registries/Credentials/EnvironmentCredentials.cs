using Containerize.Hosting;

namespace Containerize.Registries.Credentials;

/// <summary>
/// The .NET SDK's pairs of variables, in its order. They name no host: whoever sets them means every registry of the
/// build that asks. Empty counts as unset.
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
            RegistryAccess.Push => [Push, General, Legacy],
            _ => [Pull, General, Legacy],
        };
        foreach (var prefix in prefixes)
        {
            if (environment.GetVariable(prefix + "_UNAME") is { } user && environment.GetVariable(prefix + "_PWORD") is { } password)
                return Task.FromResult<Credential?>(new Credential(CredentialKind.Password, user, password, $"{prefix}_UNAME and {prefix}_PWORD"));
            looked.Add($"{prefix}_UNAME/_PWORD");
        }

        return Task.FromResult<Credential?>(null);
    }
}

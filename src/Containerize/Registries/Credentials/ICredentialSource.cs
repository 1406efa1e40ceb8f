namespace Containerize.Registries.Credentials;

/// <summary>A place where credentials may lie.</summary>
internal interface ICredentialSource
{
    /// <summary>
    /// Looks up credentials. Throws <see cref="RegistryException"/> (<see cref="RegistryFailure.Credentials"/>) where there are
    /// some that cannot be read.
    /// </summary>
    /// <param name="query">For what.</param>
    /// <param name="looked">Receives the names of the places that were looked at, for messages.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    Task<Credential?> FindAsync(CredentialQuery query, ICollection<string> looked, CancellationToken cancellationToken);
}

/// <summary>What credentials are wanted for.</summary>
internal sealed record CredentialQuery(RegistryHost Host, string Repository, RegistryAccess Access)
{
    public RegistryException Unreadable(string message, Exception? inner = null) =>
        new(RegistryFailure.Credentials, message, Host.Name, Repository, inner: inner);
}

/// <summary>What came of a search.</summary>
/// <param name="Credential">Null for anonymous.</param>
/// <param name="Explanation">A sentence for the case that the registry is not content.</param>
internal sealed record CredentialLookup(Credential? Credential, string Explanation);

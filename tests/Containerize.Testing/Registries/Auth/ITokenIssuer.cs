namespace Containerize.Testing.Registries.Auth;

/// <summary>Makes the tokens that a token endpoint gives out.</summary>
internal interface ITokenIssuer
{
    /// <summary>A token for somebody (null is nobody) that is good for this, and for this long.</summary>
    string Issue(string? user, IReadOnlyList<AccessScope> granted, TimeSpan lifetime);
}

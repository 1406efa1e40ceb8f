using System.Net.Http.Headers;
using System.Text;

namespace Containerize.Registries.Credentials;

/// <summary>How a credential is used.</summary>
public enum CredentialKind
{
    /// <summary>User and password, or a token in the place of one.</summary>
    Password,

    /// <summary>A refresh token: exchanged for an access token by POST (Azure's <c>az acr login</c>).</summary>
    IdentityToken,

    /// <summary>An access token: sent as it is.</summary>
    RegistryToken,
}

/// <summary>A secret and whose it is. Not a record: nothing that prints its members may exist.</summary>
internal sealed class Credential(CredentialKind kind, string user, string secret, string source)
{
    public CredentialKind Kind { get; } = kind;

    /// <summary>May be empty.</summary>
    public string User { get; } = user;

    public string Secret { get; } = secret;

    /// <summary>Where it was found, for messages.</summary>
    public string Source { get; } = source;

    /// <summary>Basic (RFC 7617), in UTF-8: the SDK's ASCII turns every other letter of a password into '?'.</summary>
    public AuthenticationHeaderValue? ToBasic() => Kind == CredentialKind.RegistryToken
        ? null : new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Secret}")));

    public override string ToString() => Kind switch
    {
        // Helpers have a mark, and Azure has zeros where its user should be.
        CredentialKind.IdentityToken when User != "<token>" && User.Trim('0', '-').Length > 0 =>
            $"an identity token of the user '{ErrorText.Clean(User, 100)}' from {Source}",
        CredentialKind.IdentityToken => $"an identity token from {Source}",
        CredentialKind.RegistryToken => $"a registry token from {Source}",
        _ => $"the user '{ErrorText.Clean(User, 100)}' from {Source}",
    };
}

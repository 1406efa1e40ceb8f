using System.Text;
using System.Text.Json;
using Containerize.Images;
using Containerize.Registries.Authentication;
using Containerize.Registries.Configuration;

namespace Containerize.Registries.Credentials;

/// <summary>
/// A credentials file in Docker's form (config.json, auth.json; containers-auth.json(5)), read but not yet used.
/// </summary>
/// <param name="Source">Where it was read, for messages.</param>
/// <param name="Root">Its content.</param>
internal sealed record AuthFile(string Source, JsonElement Root)
{
    /// <summary>Reads one; throws <see cref="FormatException"/>, whose message holds nothing of the content.</summary>
    public static AuthFile Parse(string source, ReadOnlyMemory<byte> content) => new(source, ConfigJson.ParseObject(content));

    /// <summary>The helper that is named for this very registry, and the key it is named under.</summary>
    public (string Helper, string Key)? HelperFor(RegistryHost host, string repository) =>
        FindAll("credHelpers", host, repository)
            .Where(entry => entry.Value.ValueKind == JsonValueKind.String && entry.Value.GetString() is { Length: > 0 })
            .Select(entry => ((string, string)?)(entry.Value.GetString()!, entry.Key))
            .FirstOrDefault();

    /// <summary>The helper for all registries.</summary>
    public string? Store => Root.OptionalString("credsStore") is { Length: > 0 } store ? store : null;

    /// <summary>The keys under which the registry is mentioned, most specific first; docker login leaves them for its helper.</summary>
    public IEnumerable<string> KeysFor(RegistryHost host, string repository) =>
        FindAll("auths", host, repository).Select(entry => entry.Key);

    /// <summary>The credential that stands in the file itself.</summary>
    public Credential? Find(RegistryHost host, string repository)
    {
        foreach (var (key, entry) in FindAll("auths", host, repository))
        {
            if (entry.ValueKind == JsonValueKind.Object && Read(key, entry) is { } credential)
                return credential;
        }

        return null;
    }

    private Credential? Read(string key, JsonElement entry)
    {
        var user = entry.OptionalString("username") ?? "";
        var password = entry.OptionalString("password") ?? "";
        if (entry.OptionalString("auth") is { Length: > 0 } auth)
            (user, password) = Decode(key, auth);
        if (entry.OptionalString("registrytoken") is { Length: > 0 } registryToken)
        {
            if (!AccessToken.CanBeSent(registryToken))
                throw new FormatException($"the 'registrytoken' of '{ErrorText.Clean(key, 100)}' is no token");
            return new Credential(CredentialKind.RegistryToken, user, registryToken, Source);
        }

        // Both spellings are in use. Azure leaves "auth" with a user of zeros and no password beside it.
        if ((entry.OptionalString("identitytoken") ?? entry.OptionalString("identityToken")) is { Length: > 0 } identityToken)
            return new Credential(CredentialKind.IdentityToken, user, identityToken, Source);
        return user.Length == 0 && password.Length == 0 ? null : Credential(user, password, Source);
    }

    /// <summary>A pair as helpers and files have it: the user <c>&lt;token&gt;</c> marks an identity token.</summary>
    public static Credential Credential(string user, string secret, string source) =>
        new(user == "<token>" ? CredentialKind.IdentityToken : CredentialKind.Password, user, secret, source);

    private static (string User, string Password) Decode(string key, string auth)
    {
        string text;
        try
        {
            text = Encoding.UTF8.GetString(Convert.FromBase64String(auth.Trim()));
        }
        catch (FormatException)
        {
            throw new FormatException($"the 'auth' of '{ErrorText.Clean(key, 100)}' is not base64");
        }

        // Old versions of docker login padded with NUL. Passwords may hold colons, users may not.
        text = text.TrimEnd('\0');
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon >= 0
            ? (text[..colon], text[(colon + 1)..])
            : throw new FormatException($"the 'auth' of '{ErrorText.Clean(key, 100)}' has no colon");
    }

    /// <summary>
    /// The entries that apply to a repository: <c>host/ns/repository</c> before <c>host/ns</c> before <c>host</c>, and
    /// each in the forms that have been written over the years: with a scheme, a slash, an API version.
    /// </summary>
    private IEnumerable<(string Key, JsonElement Value)> FindAll(string member, RegistryHost host, string repository)
    {
        if (!Root.TryGetProperty(member, out var map) || map.ValueKind != JsonValueKind.Object)
            return [];
        var names = RegistryKeys.Of(host, repository);
        return map.EnumerateObject()
            .Select(entry => (entry.Name, entry.Value, Rank: RegistryKeys.Rank(names, entry.Name)))
            .Where(entry => entry.Rank >= 0)
            .OrderBy(entry => entry.Rank)
            .Select(entry => (entry.Name, entry.Value));
    }
}

using System.Text;
using System.Text.Json.Nodes;

namespace Containerize.Testing.Registries.Profiles;

/// <summary>A registry of the world, as far as its clients notice what it is.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Options">How it behaves.</param>
/// <param name="User">Who may push; beside an identity token the user of zeros.</param>
/// <param name="Password">Their password.</param>
public sealed record RegistryProfile(string Name, TestRegistryOptions Options, string User, string Password)
{
    /// <summary>What the login tool of the registry leaves in place of a password; null for none.</summary>
    public string? IdentityToken { get; init; }

    /// <summary>A <c>config.json</c> with the login to a host, as the registry's own tool or <c>docker login</c> leaves it.</summary>
    public string LoginTo(string host) => Logins((this, host));

    /// <summary>The same for several.</summary>
    public static string Logins(params IEnumerable<(RegistryProfile Profile, string Host)> logins) => new JsonObject
    {
        ["auths"] = new JsonObject(logins.Select(login => KeyValuePair.Create(login.Host, (JsonNode?)login.Profile.Entry()))),
    }.ToJsonString();

    private JsonObject Entry()
    {
        var entry = new JsonObject { ["auth"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")) };
        if (IdentityToken is not null)
            entry["identitytoken"] = IdentityToken;
        return entry;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

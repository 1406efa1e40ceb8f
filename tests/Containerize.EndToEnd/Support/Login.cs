using System.Text;

namespace Containerize.EndToEnd.Support;

/// <summary>Somebody who may do something at a registry, and all that proves it.</summary>
/// <param name="User">The name.</param>
/// <param name="Password">The password.</param>
public sealed record Login(string User, string Password)
{
    /// <summary>What a token server takes in the place of name and password.</summary>
    public string Identity { get; init; } = "";

    /// <summary>What the registry takes in the place of all others.</summary>
    public string Token { get; init; } = "";

    /// <summary>The same person, who has been told nothing of the new password.</summary>
    public Login Outdated => new(User, "falsch") { Identity = "identity-of-before", Token = "token-of-before" };

    /// <summary>Name and password as they go over the wire.</summary>
    public string Basic => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    /// <summary>What nobody else may see, in all forms that it is likely to take.</summary>
    public IReadOnlyList<string> Secrets =>
        [.. new[] { Password, Basic, Uri.EscapeDataString(Password), Identity, Token }.Where(secret => secret.Length > 0)];
}

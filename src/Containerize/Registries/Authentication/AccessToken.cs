namespace Containerize.Registries.Authentication;

/// <summary>A token of a token server.</summary>
/// <param name="Value">What is sent; never shown.</param>
/// <param name="AskedFor">
/// The rights that it was asked for with. Servers may grant fewer without saying so, and asking again would not help.
/// </param>
/// <param name="Expires">When it is no longer used, by this machine's clock at receipt.</param>
internal sealed record AccessToken(string Value, IReadOnlyList<Scope> AskedFor, DateTimeOffset Expires)
{
    /// <summary>Whether a text can be sent as a token. It becomes a header: a line break in it would become another one.</summary>
    public static bool CanBeSent(string value) => value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange('!', '~');

    public override string ToString() => $"token for {string.Join(' ', AskedFor)}";
}

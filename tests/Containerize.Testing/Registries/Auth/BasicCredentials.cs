using System.Net.Http.Headers;
using System.Text;

namespace Containerize.Testing.Registries.Auth;

/// <summary>Name and password of an Authorization header (RFC 7617, section 2).</summary>
internal readonly record struct BasicCredentials(string User, string Password)
{
    /// <summary>Null when the header is absent or is not well-formed Basic.</summary>
    public static BasicCredentials? Parse(string? authorization)
    {
        if (!AuthenticationHeaderValue.TryParse(authorization, out var header)
            || !string.Equals(header.Scheme, "Basic", StringComparison.OrdinalIgnoreCase)
            || header.Parameter is null)
            return null;
        try
        {
            // The user's name holds no colon; the password may.
            var parts = Encoding.UTF8.GetString(Convert.FromBase64String(header.Parameter)).Split(':', 2);
            return parts.Length == 2 ? new BasicCredentials(parts[0], parts[1]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}

using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Containerize.Testing.Registries.Storage;

/// <summary>Digests as the registry sees them: text, computed here and not by the code under test.</summary>
internal static partial class ContentDigest
{
    public static string Of(ReadOnlySpan<byte> content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>image-spec, descriptor.md: the encoded part of sha256 is 64 lower-case hexadecimal digits.</summary>
    public static bool IsValid(string text) => Sha256().IsMatch(text);

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex Sha256();
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Containerize.Images;

/// <summary>
/// The name of some bytes by their SHA-256, as <c>sha256:</c> and 64 lower-case hexadecimal digits
/// (OCI image-spec, descriptor.md, "Digests"). Other algorithms are registered there, but no registry needs them.
/// </summary>
internal readonly record struct Digest
{
    private const string Prefix = "sha256:";
    private readonly string? _value;

    private Digest(string value) => _value = value;

    /// <summary>The 64 hexadecimal digits, without the algorithm.</summary>
    public string Hex => ToString()[Prefix.Length..];

    /// <summary>The digest of these bytes.</summary>
    public static Digest Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return FromHash(hash);
    }

    /// <summary>The digest of a file's content.</summary>
    public static Digest OfFile(string path)
    {
        using var stream = new FileStream(
            path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.SequentialScan);
        return FromHash(SHA256.HashData(stream));
    }

    /// <summary>A digest from a SHA-256 that is already computed (32 bytes).</summary>
    public static Digest FromHash(ReadOnlySpan<byte> hash) => new(Prefix + Convert.ToHexStringLower(hash));

    /// <summary>Reads <c>sha256:…</c>; anything else throws <see cref="FormatException"/>.</summary>
    public static Digest Parse(string text) =>
        TryParse(text, out var digest) ? digest : throw new FormatException($"'{ErrorText.Clean(text, 100)}' is not a sha256 digest.");

    /// <summary>Reads <c>sha256:…</c> strictly: the lower-case form is the only one that is a valid file name and URL part.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out Digest digest)
    {
        digest = default;
        if (text is null || text.Length != Prefix.Length + 64 || !text.StartsWith(Prefix, StringComparison.Ordinal))
            return false;
        if (text.AsSpan(Prefix.Length).ContainsAnyExcept("0123456789abcdef"))
            return false;
        digest = new Digest(text);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => _value ?? throw new InvalidOperationException("An empty digest was used.");
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Containerize.Testing.Validation.Documents;

/// <summary>A descriptor that was read (image-spec, descriptor.md).</summary>
internal sealed partial record DescriptorDocument(string MediaType, string Digest, long Size, JsonElement Element)
{
    /// <summary>Null when a required part is missing; everything wrong is told.</summary>
    public static DescriptorDocument? Read(JsonElement element, ProblemList problems)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add("is not a descriptor.");
            return null;
        }
        var mediaType = element.Text("mediaType", problems, required: true);
        var digest = element.Text("digest", problems, required: true);
        var size = element.Integer("size", problems);
        if (mediaType is not null && !MediaTypePattern().IsMatch(mediaType))
            problems.Add($"'{mediaType}' is not a media type.");
        if (size < 0)
            problems.Add($"size {size} is negative.");
        if (digest is not null && !IsSha256(digest))
        {
            problems.Add($"'{digest}' is not sha256: and 64 lower-case hexadecimal digits.");
            digest = null;
        }
        if (mediaType is null || digest is null || size is null)
            return null;
        var descriptor = new DescriptorDocument(mediaType, digest, size.Value, element);
        descriptor.CheckData(problems);
        return descriptor;
    }

    public static bool IsSha256(string digest) => DigestPattern().IsMatch(digest);

    public static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    /// <summary>The document that this names; null, with the reason told, when it cannot be read.</summary>
    public async Task<byte[]?> ReadDocumentAsync(Judgement judgement, ProblemList problems, CancellationToken cancellationToken)
    {
        try
        {
            await using var stream = judgement.Image.OpenBlob(Digest);
            using var buffer = new MemoryStream();
            await stream.CopyToAsync(buffer, cancellationToken);
            var content = buffer.ToArray();
            Check(content.Length, DigestOf(content), problems);
            return content;
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or KeyNotFoundException)
        {
            problems.Add($"cannot be read: {exception.Message}");
            return null;
        }
    }

    /// <summary>Compares what was found with what was promised; size first, as image-spec asks.</summary>
    public void Check(long actualSize, string actualDigest, ProblemList problems)
    {
        if (actualSize != Size)
            problems.Add($"has {actualSize} bytes where its descriptor says {Size}.");
        if (actualDigest != Digest)
            problems.Add($"has digest {actualDigest} where its descriptor says {Digest}.");
    }

    private void CheckData(ProblemList problems)
    {
        if (Element.Text("data", problems) is not { } data)
            return;
        var buffer = new byte[data.Length];
        if (!Convert.TryFromBase64String(data, buffer, out var length) || length != Size || DigestOf(buffer[..length]) != Digest)
            problems.Add("data is not the content that digest and size tell of.");
    }

    [GeneratedRegex(@"\Asha256:[0-9a-f]{64}\z")]
    private static partial Regex DigestPattern();

    // RFC 6838, 4.2.
    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}/[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}\z")]
    private static partial Regex MediaTypePattern();
}

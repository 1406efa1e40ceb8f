using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerize.Testing.Registries.Routing;

/// <summary>A range of bytes, both ends included.</summary>
internal readonly partial record struct ByteRange(long First, long Last)
{
    public long Length => Last - First + 1;

    /// <summary>
    /// A Range header of a request (RFC 9110, 14.2). Null when there is none or when it is one that a server may ignore, such as
    /// several ranges; a range that lies outside has a length of 0 or less.
    /// </summary>
    public static ByteRange? FromRange(string? header, long total)
    {
        if (header is null || RangeHeader().Match(header) is not { Success: true } match)
            return null;
        var (first, last) = (match.Groups[1].Value, match.Groups[2].Value);
        if (first.Length == 0)
            return last.Length == 0 ? null : new ByteRange(Math.Max(0, total - Number(last)), total - 1);
        return new ByteRange(Number(first), last.Length == 0 ? total - 1 : Math.Min(Number(last), total - 1));
    }

    /// <summary>
    /// A Content-Range header of a chunk, which distribution-spec writes as <c>0-99</c>, not as HTTP does; anything else is null.
    /// </summary>
    public static ByteRange? FromChunk(string header) => ChunkHeader().Match(header) is { Success: true } match
        ? new ByteRange(Number(match.Groups[1].Value), Number(match.Groups[2].Value))
        : null;

    private static long Number(string text) => long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"\Abytes=(\d{0,18})-(\d{0,18})\z")]
    private static partial Regex RangeHeader();

    [GeneratedRegex(@"\A(\d{1,18})-(\d{1,18})\z")]
    private static partial Regex ChunkHeader();
}

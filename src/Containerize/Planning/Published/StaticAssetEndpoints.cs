using System.Text;
using System.Text.Json;
using Containerize.Hosting;

namespace Containerize.Planning.Published;

/// <summary>
/// <c>NAME.staticwebassets.endpoints.json</c>, which tells MapStaticAssets what to send. The SDK writes into it when each
/// file was last written on the building machine, and orders the endpoints of one route by where their files lie: two builds of
/// one commit would differ. The image gets a copy with a fixed time and order; browsers go by the ETag, which is made of the content.
/// </summary>
internal static class StaticAssetEndpoints
{
    /// <summary>How such a file's name ends.</summary>
    public const string Suffix = ".staticwebassets.endpoints.json";

    private static ReadOnlySpan<byte> Header => "\"Last-Modified\""u8;

    private static ReadOnlySpan<byte> FixedTime => "Tue, 01 Jan 1980 00:00:00 GMT"u8;

    /// <summary>Writes the copy, unless it is there already.</summary>
    /// <param name="source">The published file's full path.</param>
    /// <param name="folder">Where the copy goes.</param>
    /// <returns>The copy's full path.</returns>
    /// <remarks>
    /// Both are read each time: the SDK copies the source anew with each publish, and two of them may have one size and one time. A copy
    /// with another content is another file, so that it is not taken for the one before.
    /// </remarks>
    public static string Normalize(string source, string folder)
    {
        var copy = Path.Combine(folder, Path.GetFileName(source));
        var content = WithFixedOrder(WithFixedTimes(File.ReadAllBytes(source)));
        if (File.Exists(copy) && content.AsSpan().SequenceEqual(File.ReadAllBytes(copy)))
            return copy;
        AtomicFile.Write(copy, content);
        return copy;
    }

    private static byte[] WithFixedTimes(byte[] published)
    {
        var content = new MemoryStream(published.Length + 64);
        var rest = published.AsSpan();
        while (rest.IndexOf(Header) is >= 0 and var at)
        {
            var end = at + Header.Length;
            if (IsName(rest[..at]) && TimeAfter(rest[end..]) is { } time)
            {
                content.Write(rest[..(end + time.Start)]);
                content.Write(FixedTime);
                end += time.End;
            }
            else
            {
                content.Write(rest[..end]);
            }

            rest = rest[end..];
        }

        content.Write(rest);
        return content.ToArray();
    }

    // Endpoints of one route follow each other; which of them a request gets is decided by their selectors, not by their order.
    private static byte[] WithFixedOrder(byte[] document)
    {
        try
        {
            var elements = ElementsOfEndpoints(document);
            var content = new MemoryStream(document.Length);
            var written = 0;
            for (var first = 0; first < elements.Count;)
            {
                var count = elements.Skip(first).TakeWhile(element => element.Route == elements[first].Route).Count();
                var places = elements.GetRange(first, count);
                var sorted = places.OrderBy(
                    element => Encoding.UTF8.GetString(document, element.Start, element.Length), StringComparer.Ordinal);
                foreach (var (place, element) in places.Zip(sorted))
                {
                    content.Write(document.AsSpan(written..place.Start));
                    content.Write(document.AsSpan(element.Start, element.Length));
                    written = place.Start + place.Length;
                }

                first += count;
            }

            content.Write(document.AsSpan(written..));
            return content.ToArray();
        }
        catch (JsonException)
        {
            return document; // Not the SDK's file of this name.
        }
    }

    private static List<(string? Route, int Start, int Length)> ElementsOfEndpoints(byte[] document)
    {
        var elements = new List<(string?, int, int)>();
        var bytes = document.AsSpan();
        var mark = bytes.StartsWith(Encoding.UTF8.Preamble) ? Encoding.UTF8.Preamble.Length : 0;
        var reader = new Utf8JsonReader(bytes[mark..]);
        while (reader.Read())
        {
            if (!IsMember(ref reader, 1, "Endpoints"u8) || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
                continue;
            while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
            {
                var (start, route, depth) = ((int)reader.TokenStartIndex, (string?)null, reader.CurrentDepth);
                while (reader.Read() && reader.CurrentDepth > depth)
                {
                    if (IsMember(ref reader, depth + 1, "Route"u8) && reader.Read() && reader.TokenType == JsonTokenType.String)
                        route = reader.GetString();
                }

                elements.Add((route, mark + start, (int)reader.BytesConsumed - start));
            }
        }

        return elements;
    }

    private static bool IsMember(ref Utf8JsonReader reader, int depth, ReadOnlySpan<byte> name) =>
        reader.CurrentDepth == depth && reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(name);

    // "Name" :
    private static bool IsName(ReadOnlySpan<byte> before)
    {
        before = before.TrimEnd(" \t\r\n"u8);
        return before is [.., (byte)':'] && before[..^1].TrimEnd(" \t\r\n"u8).EndsWith("\"Name\""u8);
    }

    // , "Value" : "TIME"
    private static (int Start, int End)? TimeAfter(ReadOnlySpan<byte> after)
    {
        var at = 0;
        foreach (var token in (ReadOnlySpan<string>)[",", "\"Value\"", ":", "\""])
        {
            at += after[at..].IndexOfAnyExcept(" \t\r\n"u8) is >= 0 and var blank ? blank : 0;
            if (!after[at..].StartsWith(Encoding.UTF8.GetBytes(token)))
                return null;
            at += token.Length;
        }

        return after[at..].IndexOf((byte)'"') is >= 0 and var length ? (at, at + length) : null;
    }
}

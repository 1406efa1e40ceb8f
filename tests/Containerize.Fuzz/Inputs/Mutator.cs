using System.Text;
using Containerize.Fuzz.Worst;

namespace Containerize.Fuzz.Inputs;

/// <summary>Makes inputs from others: a few changes each, in the manner of AFL.</summary>
internal sealed class Mutator(IReadOnlyList<byte[]> corpus, Random random)
{
    private const int MostChanges = 6;
    private const int LongestCopy = 600;

    // Of a piece, and bytes that come of it: what is harmless once is to be tried as a flood.
    private const int MostRepeats = 100;
    private const int LongestFlood = 64 << 10;

    // What grammars turn on, and numbers at the edges of what fits.
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{}", "[]", "null", "true", "\"\"", "-1", "1e400", "9223372036854775808", "\\ud800", "\\u0000", "\"\\", "\"", ",", "=", ":", ";", "<", ">", " ", "\r\n", "..", "../", "/", "\0",
            "77777777777", "ustar\0", "path=", "rel=next", "Bearer ", "realm=", "sha256:", "\ufeff", new string(
                '[', 100), new string('9', 40),
        }.Select(Encoding.UTF8.GetBytes),
        .. new[] { ("path", "../../x"), ("path", "a/b"), (
            "linkpath", "a"), ("size", "99999999999"), ("uid", "-1"), ("GNU.sparse.realsize", "9"), ("GNU.sparse.map", "0,1"), ("x", "") }
            .Select(record => Encoding.UTF8.GetBytes(TarBytes.Record(record.Item1, record.Item2))),
        TarBytes.Pax(("path", "pax")), TarBytes.Entry(
            'L', "L", "gnu\0"u8), TarBytes.Entry('S', "holes", change: header => header[482] = 1), TarBytes.Entry('2', "link", link: "."),
        Packings.EmptyMember, Packings.GzipWithName, Packings.ZstdFrame(
            10), Packings.ZstdFrame(27), Packings.ZstdFrame(31), Packings.SkippableFrame,
        [0x80], [0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], [0x1f, 0x8b], [0x28, 0xb5, 0x2f, 0xfd], [0x50, 0x2a, 0x4d, 0x18],
    ];

    /// <summary>A new input.</summary>
    public byte[] Next()
    {
        var input = Any(corpus).ToList();
        for (var left = random.Next(1, MostChanges + 1); left > 0; left--)
            Change(input);
        return [.. input];
    }

    private void Change(List<byte> input)
    {
        var at = random.Next(input.Count + 1);
        var length = Math.Min(random.Next(1, 1 << random.Next(1, 10)), input.Count - at);
        switch (random.Next(8))
        {
            case 0 when length > 0:
                input[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when length > 0:
                input[at] = (byte)random.Next(256);
                break;
            case 2:
                input.RemoveRange(at, length);
                break;
            case 3:
                input.InsertRange(at, Any(Pieces));
                break;
            case 4:
                var piece = Any(Pieces);
                input.RemoveRange(at, Math.Min(piece.Length, input.Count - at));
                input.InsertRange(at, piece);
                break;
            case 5:
                input.InsertRange(random.Next(input.Count + 1), input.GetRange(at, length));
                break;
            case 6:
                var repeated = input.GetRange(at, length);
                for (var left = Math.Min(random.Next(MostRepeats), LongestFlood / Math.Max(length, 1)); left > 0; left--)
                    input.InsertRange(at, repeated);
                break;
            default:
                var other = Any(corpus);
                var from = random.Next(other.Length + 1);
                input.InsertRange(at, other.AsSpan(from, Math.Min(random.Next(LongestCopy), other.Length - from)));
                break;
        }
    }

    private T Any<T>(IReadOnlyList<T> among) => among[random.Next(among.Count)];
}

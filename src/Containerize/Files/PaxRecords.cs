using System.Text;

namespace Containerize.Files;

/// <summary>
/// What PAX headers say of one entry (POSIX, pax, "pax Extended Header"): of two records for one key the later counts, an empty one takes
/// it back. Only keys that matter are kept, so it does not grow with foreign input: extended attributes and the like may be
/// long, and are not used.
/// </summary>
internal sealed class PaxRecords
{
    /// <summary>The keys, as indexes.</summary>
    public const int Path = 0, LinkPath = 1, Size = 2, UserId = 3, GroupId = 4, SparseName = 5, SparseRealSize = 6, SparseSize = 7;

    // Go's archive/tar takes these and the three before for a file with holes (GNU tar, "PAX Format, Versions 0.0, 0.1 and 1.0").
    private const int FirstOfSparse = SparseName, Keys = 14;

    private readonly string?[] _values = new string?[Keys];

    /// <summary>Of an entry without such headers.</summary>
    public static PaxRecords None { get; } = new();

    /// <summary>Whether the bytes that follow are not the file's content as it is.</summary>
    public bool IsSparse => _values.AsSpan(FirstOfSparse).ContainsAnyExcept((string?)null);

    /// <summary>The value of a key; null where there is none.</summary>
    public string? Find(int key) => _values[key];

    /// <summary>Adds the records of a header: <c>LENGTH KEY=VALUE\n</c>, the length in decimal and counting itself.</summary>
    /// <exception cref="InvalidDataException">They are none.</exception>
    public void Add(ReadOnlySpan<byte> content)
    {
        while (!content.IsEmpty)
        {
            var start = 0;
            var length = 0;
            // By hand: a header has room for two hundred thousand of them.
            for (; start < content.Length && (uint)(content[start] - '0') <= 9 && length <= Limits.HeaderBytes; start++)
                length = (length * 10) + (content[start] - '0');
            if (start++ == 0 || length <= start || length > content.Length || content[start - 1] != ' ' || content[length - 1] != '\n'
                || content[start..length].IndexOf((byte)'=') is not (> 0 and var equals))
                throw TarInput.Damaged("a PAX record is none");
            // All that matter begin so.
            if (content[start] is (byte)'p' or (byte)'l' or (byte)'s' or (byte)'u' or (byte)'g' or (byte)'G'
                && IndexOf(content.Slice(start, equals)) is >= 0 and var key)
            {
                var value = content[(start + equals + 1)..(length - 1)];
                _values[key] = value.IsEmpty ? null : key > SparseSize ? "" : Encoding.UTF8.GetString(value);
            }

            content = content[length..];
        }
    }

    private static int IndexOf(ReadOnlySpan<byte> key) =>
        key.SequenceEqual("path"u8) ? Path
        : key.SequenceEqual("linkpath"u8) ? LinkPath
        : key.SequenceEqual("size"u8) ? Size
        : key.SequenceEqual("uid"u8) ? UserId
        : key.SequenceEqual("gid"u8) ? GroupId
        : !key.StartsWith("GNU.sparse."u8) ? -1
        : key["GNU.sparse.".Length..] switch
        {
            var rest when rest.SequenceEqual("name"u8) => SparseName,
            var rest when rest.SequenceEqual("realsize"u8) => SparseRealSize,
            var rest when rest.SequenceEqual("size"u8) => SparseSize,
            var rest when rest.SequenceEqual("major"u8) => 8,
            var rest when rest.SequenceEqual("minor"u8) => 9,
            var rest when rest.SequenceEqual("map"u8) => 10,
            var rest when rest.SequenceEqual("numblocks"u8) => 11,
            var rest when rest.SequenceEqual("offset"u8) => 12,
            var rest when rest.SequenceEqual("numbytes"u8) => 13,
            _ => -1,
        };
}

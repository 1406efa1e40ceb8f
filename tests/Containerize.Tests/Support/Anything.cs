using System.Text;
using System.Text.Json;
using CsCheck;

namespace Containerize.Tests.Support;

/// <summary>Generators of what somebody else may have written.</summary>
internal static class Anything
{
    /// <summary>Text of the characters that a grammar turns on, of plain ones, and now and then of any.</summary>
    public static Gen<string> Text(string structure, int longest = 60) =>
        Gen.Frequency((4, Gen.Char[structure]), (4, Gen.Char.AlphaNumeric), (1, (IGen<char>)Gen.Char)).Array[0, longest]
            .Select(characters => new string(characters));

    /// <summary>Text with some of its characters replaced, taken away and added.</summary>
    public static Gen<string> Changed(Gen<string> text, string structure) =>
        Gen.Select(text, Gen.Select(Gen.Int[0, 10_000], Gen.Int[0, 2], Text(structure, 3)).Array[0, 3]).Select((original, edits) =>
        {
            var changed = new StringBuilder(original);
            foreach (var (where, removed, added) in edits)
            {
                var at = where % (changed.Length + 1);
                changed.Remove(at, Math.Min(removed, changed.Length - at)).Insert(at, added);
            }

            return changed.ToString();
        });

    /// <summary>
    /// A JSON value as text, by the grammar but not always by reason: with halves of surrogate pairs, and numbers that nothing holds.
    /// </summary>
    /// <param name="words">Names and texts that mean something to whoever reads it.</param>
    public static Gen<string> Json(params string[] words)
    {
        var text = Gen.Frequency(
                (6, Gen.OneOf(words)),
                (2, Gen.OneOf("", @"\ud800", @"\u0000", "A=b", "ä", "a\u2028", "sha256:" + new string('a', 64))),
                (1, (IGen<string>)Gen.String[Gen.Char.AlphaNumeric, 0, 6]))
            .Select(content => $"\"{content}\"");
        var leaf = Gen.Frequency(
            (3, Gen.OneOf("null", "true", "false", "0", "-1", "1.5", "1e400", "9223372036854775807", "9223372036854775808", "1e3")),
            (3, (IGen<string>)text));
        return Gen.Recursive<string>((depth, self) => depth > 3
            ? leaf
            : Gen.Frequency(
                (2, leaf),
                (2, self.Array[0, 3].Select(items => $"[{string.Join(',', items)}]")),
                (
                    3,
                    (IGen<string>)Gen.Select(text, self).Array[0, 5]
                        .Select(members => $"{{{string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}"))}}}"))));
    }

    /// <summary>A document of JSON with some of its values replaced by others.</summary>
    public static Gen<string> ChangedJson(string document, params string[] words) =>
        Gen.Select(Gen.Int[0, 10_000], Json(words)).Array[0, 2]
            .Select(edits => edits.Aggregate(document, (changed, edit) => Replace(changed, edit.Item1, edit.Item2)));

    private static string Replace(string document, int which, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(document);
        var values = new List<(int Start, int End)>();
        // Twice, because a reader that has passed over an object does not tell what is in it.
        for (var reader = new Utf8JsonReader(bytes); reader.Read();)
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray)
                continue;
            var whole = reader;
            whole.Skip();
            values.Add(((int)reader.TokenStartIndex, (int)whole.BytesConsumed));
        }

        var (from, to) = values[which % values.Count];
        return Encoding.UTF8.GetString(bytes.AsSpan(0, from)) + value + Encoding.UTF8.GetString(bytes.AsSpan(to));
    }
}

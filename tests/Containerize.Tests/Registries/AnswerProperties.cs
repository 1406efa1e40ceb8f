using System.Net;
using System.Text;
using Containerize.Images;
using Containerize.Registries.Endpoints;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Registries;

/// <summary>What holds for all headers and errors that a server answers with.</summary>
public sealed class AnswerProperties
{
    private const string Structure = " \t,;=\"\\<>";

    private static Gen<string> Space => Gen.OneOf("", " ", "\t");

    // What stands between the brackets may be anything but a bracket.
    private static Gen<string> Address => Gen.String[Gen.Char["/?=&,;:\"ab1"], 1, 12];

    private static Gen<string> Quoted =>
        Anything.Text(Structure, 10).Select(text => $"\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"");

    private static Gen<string> OtherParameter =>
        Gen.Select(Gen.OneOf("title", "anchor", "type", "relation"), Space, Space, Gen.OneOf(Quoted, Gen.OneOf("x", "text/html")))
            .Select((name, before, after, value) => $"{name}{before}={after}{value}");

    private static Gen<(string Text, string? Next)> Link =>
        Gen.Select(
            Address,
            OtherParameter.Array[0, 2],
            Gen.OneOf("rel=next", "REL = Next", "rel=\"next\"", "rel=\"first Next\"", "rel=prev", "rel=\"prev nextish\""),
            OtherParameter.Array[0, 2],
            Space,
            Space)
            .Select((address, before, relation, after, left, right) => (
                $"<{address}>" + string.Concat(before.Append(relation).Concat(after).Select(parameter => $"{left};{right}{parameter}")),
                relation.Contains("rev", StringComparison.Ordinal) ? null : address));

    [Fact]
    public void The_next_page_is_found_among_all_links() =>
        Gen.Select(Link.Array[0, 4], Gen.OneOf(",", ", ", " ,, ")).Holds(
            pages => Assert.Equal(
                pages.Item1.Select(link => link.Item2).FirstOrDefault(next => next is not null),
                LinkHeader.Next(string.Join(pages.Item2, pages.Item1.Select(link => link.Item1)))),
            cases: 500);

    [Fact]
    public void Any_links_are_read_or_refused() =>
        Gen.OneOf(Anything.Text(Structure), Anything.Changed(Link.Select(link => link.Text), Structure)).Holds(
            header => Assert.True(Record.Exception(() => LinkHeader.Next(header)) is null or FormatException, header),
            cases: 3000);

    [Fact]
    public void Any_error_becomes_one_short_line() =>
        Gen.Select(
            Gen.OneOf(
                Anything.Json("errors", "code", "message", "error", "error_description", "details", "DENIED"),
                Anything.ChangedJson("""{"errors":[{"code":"DENIED","message":"No\u0007 way\n","detail":[]},{"code":"X","message":"y"}]}""", "errors", "code", "message"),
                Anything.Text("{}[]\":,\n\t", 900)).Select(Encoding.UTF8.GetBytes),
            Gen.Byte.Array[0, 40],
            Gen.OneOf("application/json", "text/plain; charset=utf-8", "text/html", "\"")).Holds(
            parts =>
            {
                var (body, more, type) = parts;
                using var response = new HttpResponseMessage(
                    HttpStatusCode.Forbidden) { Content = new ByteArrayContent([.. body, .. more]) };
                response.Content.Headers.TryAddWithoutValidation("Content-Type", type);
                var answer = ErrorAnswer.ReadAsync(response, default).GetAwaiter().GetResult();
                Assert.DoesNotContain(answer.Text, char.IsControl);
                Assert.InRange(answer.Text.Length, 0, 1000);
                Assert.All(answer.Codes, Assert.NotNull);
            },
            cases: 500);

    [Fact]
    public void Any_header_is_taken_as_it_is() =>
        Gen.OneOf(
            Anything.Text(";:, \""),
            Anything.Changed(
                Gen.OneOf(MediaTypes.OciIndex + "; charset=utf-8", "Text/HTML;x", Digest.Of([]).ToString()),
                ";: ")).Select(text => text.Replace("\r", "").Replace("\n", "")).Holds(
            value =>
            {
                using var response = new HttpResponseMessage { Content = new ByteArrayContent([]) };
                response.Content.Headers.TryAddWithoutValidation("Content-Type", value);
                foreach (var name in new[] { "Docker-Content-Digest", "Link", "Location" })
                    response.Headers.TryAddWithoutValidation(name, value);
                Assert.Equal(value.Split(';')[0].Trim().ToLowerInvariant(), response.MediaType);
                Assert.Equal(Digest.TryParse(value.Trim(), out var digest) ? digest : null, response.ContentDigest);
                Assert.Equal(value, response.Link);
                Assert.Equal(value, response.Location);
            });
}

using System.Text;
using System.Text.Json;
using Containerize.Images;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Endpoints;

/// <summary>What a server says of an error: distribution-spec "Error Codes", a token server's OAuth2 error, or a line of text.</summary>
/// <param name="Text">The codes and messages, cleaned; empty where there is nothing to be shown (HEAD, HTML).</param>
/// <param name="Codes">The codes alone.</param>
internal sealed record ErrorAnswer(string Text, IReadOnlyList<string> Codes)
{
    private const int TextLimit = 300;
    private const int ErrorsShown = 3;

    /// <summary>Reads what an answer says.</summary>
    public static async Task<ErrorAnswer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            var body = await AnswerStart.ReadAsync(response.Content, cancellationToken).ConfigureAwait(false);
            var type = response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values) ? values.ToString() : "";
            if (body.AsSpan().TrimStart(" \t\r\n"u8) is [(byte)'{', ..])
                return OfJson(body);
            return type.StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)
                ? OfText(ErrorText.Clean(Encoding.UTF8.GetString(body), TextLimit).TrimEnd('.')) : OfText("");
        }
        catch (Exception e) when (e is IOException or HttpRequestException or TimeoutException or FormatException or JsonException)
        {
            // The status says enough.
            return OfText("");
        }
    }

    private static ErrorAnswer OfText(string text) => new(text, []);

    private static ErrorAnswer OfJson(byte[] body)
    {
        var root = Json.ParseObject(body);
        var listed = root.OptionalArray("errors").Where(error => error.ValueKind == JsonValueKind.Object).ToList();
        var errors = listed
            .Select(error => Pair(error.OptionalString("code"), error.OptionalString("message")))
            .Where(text => text.Length > 0)
            .Distinct()
            .Take(ErrorsShown);
        var text = string.Join("; ", errors);
        if (text.Length > 0)
            return new ErrorAnswer(text, [.. listed.Select(error => error.OptionalString("code")).OfType<string>()]);
        // Token servers: OAuth2's members (RFC 6749 §5.2), Docker Hub's "details", others' "message".
        return OfText(
            Pair(
                root.OptionalString("error"),
                root.OptionalString("error_description") ?? root.OptionalString("details") ?? root.OptionalString("message")));
    }

    private static string Pair(string? code, string? message)
    {
        var parts = new[] { code, message }.OfType<string>().Where(part => part.Length > 0);
        return ErrorText.Clean(string.Join(": ", parts), TextLimit).TrimEnd('.');
    }
}

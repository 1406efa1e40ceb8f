using System.Text;
using System.Text.Json;
using Containerize.Images;

namespace Containerize.Tests.Images;

/// <summary>Documents from text.</summary>
internal static class Documents
{
    public static ImageDocument Of(string json, string mediaType = MediaTypes.OciConfig) => new(mediaType, Encoding.UTF8.GetBytes(json));

    public static JsonElement Element(string json) => JsonDocument.Parse(json).RootElement;

    public static string Text(ImageDocument document) => Encoding.UTF8.GetString(document.Content.Span);

    public static string Hash(char digit) => "sha256:" + new string(digit, 64);
}

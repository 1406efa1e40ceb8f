using System.Net.Http.Headers;
using System.Security.Cryptography;
using Containerize.Testing.Registries;

namespace Containerize.Tests.Testing;

/// <summary>Requests to a <see cref="TestRegistry"/>, with nothing between the test and the wire.</summary>
internal static class RegistryCalls
{
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });

    public static string DigestOf(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    public static Task<HttpResponseMessage> SendAsync(
        this TestRegistry registry, string method, string target, byte[]? body = null, params (string Name, string Value)[] headers) =>
        SendAsync(registry.Address, method, target, body, headers);

    public static Task<HttpResponseMessage> SendAsync(
        Uri host, string method, string target, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), new Uri(host, target));
        if (body is not null)
            request.Content = new ByteArrayContent(body);
        foreach (var (name, value) in headers)
        {
            if (name.StartsWith("Content-", StringComparison.Ordinal))
                (request.Content ??= new ByteArrayContent([])).Headers.TryAddWithoutValidation(name, value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }
        return Http.SendAsync(request);
    }

    public static Task<HttpResponseMessage> PutManifestAsync(
        this TestRegistry registry, string target, string content, string mediaType = OciManifest) =>
        registry.SendAsync("PUT", target, System.Text.Encoding.UTF8.GetBytes(content), ("Content-Type", mediaType));

    public static string Basic(string user, string password) =>
        new AuthenticationHeaderValue("Basic", Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"{user}:{password}"))).ToString();

    /// <summary>Path and query of the Location of an answer.</summary>
    public static string LocationOf(HttpResponseMessage response)
    {
        var location = response.Headers.Location!;
        return location.IsAbsoluteUri ? location.PathAndQuery : location.OriginalString;
    }

    public static string? HeaderOf(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) || response.Content.Headers.TryGetValues(name, out values)
            ? string.Join(", ", values)
            : null;
}

using System.Net;
using Containerize.Testing.Registries;

namespace Containerize.Testing.Validation.Sources;

/// <summary>An image in a registry that is asked by plain HTTP, such as a docker-registry on this machine.</summary>
internal static class RemoteSource
{
    private static readonly HttpClient Plain = new(
        new SocketsHttpHandler { UseCookies = false, AutomaticDecompression = DecompressionMethods.None });

    public static async Task<ImageUnderTest> ReadAsync(
        string host, string repository, string reference, HttpClient? http, CancellationToken cancellationToken)
    {
        http ??= Plain;
        using var request = Get(host, repository, "manifests", reference);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        var root = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var mediaType = response.Content.Headers.ContentType?.ToString() ?? "";
        return new ImageUnderTest(root, mediaType, digest => Open(http, host, repository, digest));
    }

    /// <summary>A digest is a blob's or a manifest's; only the registry knows which.</summary>
    private static Stream Open(HttpClient http, string host, string repository, string digest)
    {
        foreach (var kind in new[] { "blobs", "manifests" })
        {
            using var request = Get(host, repository, kind, digest);
            var response = http.Send(request, HttpCompletionOption.ResponseHeadersRead);
            if (response.StatusCode == HttpStatusCode.OK)
                return response.Content.ReadAsStream();
            response.Dispose();
        }
        throw new FileNotFoundException($"{host}/{repository} has no {digest}.");
    }

    private static HttpRequestMessage Get(string host, string repository, string kind, string reference)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, $"http://{host}/v2/{repository}/{kind}/{reference}");
        if (kind == "manifests")
            request.Headers.TryAddWithoutValidation("Accept", string.Join(", ", ManifestMediaTypes.All));
        return request;
    }
}

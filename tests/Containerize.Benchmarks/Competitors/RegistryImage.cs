namespace Containerize.Benchmarks.Competitors;

/// <summary>Looks whether an image is in a registry.</summary>
internal static class RegistryImage
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false });

    /// <summary>Expects it to be there.</summary>
    public static async Task VerifyAsync(string registry, string repository)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"http://{registry}/v2/{repository}/manifests/latest");
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        request.Headers.Accept.ParseAdd("application/vnd.docker.distribution.manifest.v2+json");
        using var response = await Http.SendAsync(request);
        response.EnsureSuccessStatusCode();
    }
}

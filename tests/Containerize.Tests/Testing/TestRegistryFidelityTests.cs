using System.Text;
using System.Text.RegularExpressions;
using Containerize.Testing;
using Containerize.Testing.Registries;
using static Containerize.Tests.Testing.RegistryCalls;

namespace Containerize.Tests.Testing;

/// <summary>One conversation with docker-registry and with <see cref="TestRegistry"/>: both answer the same.</summary>
public sealed partial class TestRegistryFidelityTests
{
    private static readonly byte[] Blob = Encoding.UTF8.GetBytes("0123456789");
    private static readonly string Digest = DigestOf(Blob);
    private static readonly string Unknown = DigestOf([1]);
    private static readonly string[] Compared =
        ["Docker-Content-Digest", "Docker-Distribution-Api-Version", "Content-Length", "Content-Range", "Range", "Link", "ETag", "Accept-Ranges", "OCI-Subject"];

    [RequiresFact(Server.Registry)]
    public async Task Both_answer_the_same()
    {
        await using var test = await TestRegistry.StartAsync();
        var repositories = $"fidelity-{Guid.NewGuid():n}";
        Assert.Equal(await TalkAsync(Testbed.Get(Server.Registry), repositories), await TalkAsync(test.Host, repositories));
    }

    /// <summary>The testbed's registry outlives the test, so the repositories are below a name of their own.</summary>
    private static async Task<List<string>> TalkAsync(string host, string x)
    {
        var log = new List<string>();
        var address = new Uri($"http://{host}");
        async Task<HttpResponseMessage> Say(string method, string target, byte[]? body = null, params (string, string)[] headers)
        {
            var response = await SendAsync(address, method, target, body, headers);
            log.Add(await DescribeAsync(method, target, response));
            return response;
        }

        await Say("GET", "/v2/");
        await Say("GET", $"/v2/{x}/app/tags/list");
        await Say("GET", $"/v2/{x}/app/manifests/1.0");
        await Say("HEAD", $"/v2/{x}/app/manifests/1.0");
        await Say("HEAD", $"/v2/{x}/app/blobs/{Digest}");
        await Say("GET", $"/v2/{x}/app/blobs/{Digest}");

        // In one piece, in chunks, with a wrong digest, given up, mounted.
        var begun = await Say("POST", $"/v2/{x}/app/blobs/uploads/");
        await Say("PUT", $"{LocationOf(begun)}&digest={Digest}", Blob);
        begun = await Say("POST", $"/v2/{x}/chunks/blobs/uploads/");
        await Say("GET", LocationOf(begun));
        var chunk = await Say(
            "PATCH", LocationOf(begun), Blob[..4], ("Content-Type", "application/octet-stream"), ("Content-Range", "0-3"));
        await Say("GET", LocationOf(chunk));
        await Say("PUT", $"{LocationOf(chunk)}&digest={Digest}", Blob[4..], ("Content-Range", "4-9"));
        begun = await Say("POST", $"/v2/{x}/app/blobs/uploads/");
        await Say("PUT", $"{LocationOf(begun)}&digest={Unknown}", Blob);
        begun = await Say("POST", $"/v2/{x}/app/blobs/uploads/");
        await Say("PATCH", LocationOf(begun).Split('?')[0], Blob);
        await Say("DELETE", LocationOf(begun));
        await Say("GET", LocationOf(begun));
        await Say("POST", $"/v2/{x}/mounted/blobs/uploads/?mount={Digest}&from={x}/app");
        await Say("POST", $"/v2/{x}/mounted/blobs/uploads/?mount={Unknown}&from={x}/app");
        await Say("POST", $"/v2/{x}/mounted/blobs/uploads/?mount={Digest}");
        await Say("POST", $"/v2/{x}/mounted/blobs/uploads/?digest={Digest}", Blob);

        await Say("HEAD", $"/v2/{x}/app/blobs/{Digest}");
        await Say("GET", $"/v2/{x}/mounted/blobs/{Digest}");
        await Say("GET", $"/v2/{x}/app/blobs/{Digest}", null, ("Range", "bytes=2-4"));
        await Say("GET", $"/v2/{x}/none/blobs/{Digest}");

        var manifest = $$"""{"schemaVersion":2,"mediaType":"{{OciManifest}}","config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{{Digest}}","size":10},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"{{Digest}}","size":10}]}""";
        var content = Encoding.UTF8.GetBytes(manifest);
        await Say("PUT", $"/v2/{x}/none/manifests/1.0", content, ("Content-Type", OciManifest));
        await Say("PUT", $"/v2/{x}/app/manifests/{Unknown}", content, ("Content-Type", OciManifest));
        await Say("PUT", $"/v2/{x}/app/manifests/1.0", Encoding.UTF8.GetBytes("{"), ("Content-Type", OciManifest));
        await Say("PUT", $"/v2/{x}/app/manifests/1.0", content, ("Content-Type", OciIndex));
        await Say("PUT", $"/v2/{x}/app/manifests/1.0", content, ("Content-Type", OciManifest));
        await Say("PUT", $"/v2/{x}/app/manifests/{DigestOf(content)}", content, ("Content-Type", OciManifest));
        await Say("GET", $"/v2/{x}/app/manifests/1.0");
        await Say("GET", $"/v2/{x}/app/manifests/1.0", null, ("Accept", "*/*"));
        await Say("GET", $"/v2/{x}/app/manifests/1.0", null, ("Accept", OciManifest));
        await Say("HEAD", $"/v2/{x}/app/manifests/1.0", null, ("Accept", $"text/plain, {OciManifest}"));
        await Say("GET", $"/v2/{x}/app/manifests/{DigestOf(content)}", null, ("Accept", OciManifest));
        // One tag only: docker-registry 2.8 neither sorts its tags nor knows pages.
        await Say("GET", $"/v2/{x}/app/tags/list");

        var index = Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{"mediaType":"{{OciManifest}}","digest":"{{DigestOf(content)}}","size":{{content.Length}},"platform":{"os":"linux","architecture":"amd64"} }]}""");
        await Say("PUT", $"/v2/{x}/chunks/manifests/1.0", index, ("Content-Type", OciIndex));
        await Say("PUT", $"/v2/{x}/app/manifests/2.0", index, ("Content-Type", OciIndex));
        await Say("DELETE", $"/v2/{x}/app/manifests/1.0");
        await Say("DELETE", $"/v2/{x}/app/manifests/{DigestOf(content)}");
        await Say("DELETE", $"/v2/{x}/app/manifests/{DigestOf(content)}");
        await Say("DELETE", $"/v2/{x}/app/blobs/{Digest}");
        await Say("GET", $"/v2/{x}/app/blobs/{Digest}");
        return log;
    }

    /// <summary>Status, the codes of the errors, and the headers that clients go by; without what is different every time.</summary>
    private static async Task<string> DescribeAsync(string method, string target, HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsStringAsync();
        var codes = string.Join(' ', ErrorCode().Matches(body).Select(match => match.Groups[1].Value));
        var text = codes.Length > 0 || method == "HEAD" || body.StartsWith('4') ? codes : body.Trim();
        var headers = Compared.Where(
            name => name != "Content-Length" || response.IsSuccessStatusCode && !target.Contains("/tags/", StringComparison.Ordinal))
            .Select(name => (name, HeaderOf(response, name))).Where(pair => pair.Item2 is not null)
            .Select(pair => $"{pair.name}: {pair.Item2}");
        var line = $"{method} {target} → {(int)response.StatusCode} {text} [{string.Join("; ", headers)}]";
        return State().Replace(UploadId().Replace(line, "/uploads/{id}"), "");
    }

    [GeneratedRegex("\"code\":\"([A-Z_]+)\"")]
    private static partial Regex ErrorCode();

    [GeneratedRegex("/uploads/[0-9a-f-]{36}")]
    private static partial Regex UploadId();

    [GeneratedRegex("_state=[^& ]*&?")]
    private static partial Regex State();
}

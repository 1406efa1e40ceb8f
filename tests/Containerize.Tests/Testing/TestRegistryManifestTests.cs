using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using static Containerize.Tests.Testing.RegistryCalls;

namespace Containerize.Tests.Testing;

public sealed class TestRegistryManifestTests
{
    private const string Manifest = """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}""";
    private static readonly string ManifestDigest = DigestOf(Encoding.UTF8.GetBytes(Manifest));

    [Fact]
    public async Task A_manifest_is_put_and_read_by_tag_and_digest()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", "{}"u8);
        var put = await registry.PutManifestAsync("/v2/app/manifests/1.0", Manifest);
        Assert.Equal((HttpStatusCode.Created, ManifestDigest), (put.StatusCode, HeaderOf(put, "Docker-Content-Digest")));
        Assert.Null(HeaderOf(put, "OCI-Subject"));

        foreach (var reference in new[] { "1.0", ManifestDigest, ManifestDigest.Replace(":", "%3A") })
        {
            foreach (var method in new[] { "GET", "HEAD" })
            {
                var read = await registry.SendAsync(method, $"/v2/app/manifests/{reference}", null, ("Accept", OciManifest));
                Assert.Equal(HttpStatusCode.OK, read.StatusCode);
                Assert.Equal(OciManifest, HeaderOf(read, "Content-Type"));
                Assert.Equal(ManifestDigest, HeaderOf(read, "Docker-Content-Digest"));
                Assert.Equal(Manifest.Length, read.Content.Headers.ContentLength);
                Assert.Equal(method == "GET" ? Manifest : "", await read.Content.ReadAsStringAsync());
            }
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("*/*")]
    [InlineData("application/vnd.docker.distribution.manifest.v2+json")]
    public async Task A_type_that_is_not_accepted_is_404(string accept)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("app", "1.0", OciManifest, Encoding.UTF8.GetBytes(Manifest));
        var headers = accept.Length == 0 ? [] : new[] { ("Accept", accept) };
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", "/v2/app/manifests/1.0", null, headers)).StatusCode);
        var among = await registry.SendAsync("GET", "/v2/app/manifests/1.0", null, ("Accept", $"text/plain, {OciManifest};q=0.5"));
        Assert.Equal(HttpStatusCode.OK, among.StatusCode);
    }

    [Theory]
    [InlineData("1.0", OciManifest, false, "MANIFEST_BLOB_UNKNOWN")]
    [InlineData("1.0", OciManifest + "; charset=utf-8", true, "MANIFEST_INVALID")]
    [InlineData("1.0", "application/json", true, "MANIFEST_INVALID")]
    [InlineData("1.0", OciIndex, true, "MANIFEST_INVALID")]
    [InlineData("-x", OciManifest, true, "TAG_INVALID")]
    [InlineData("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", OciManifest, true, "DIGEST_INVALID")]
    public async Task A_bad_manifest_is_refused(string reference, string mediaType, bool withConfig, string code)
    {
        await using var registry = await TestRegistry.StartAsync();
        if (withConfig)
            registry.PutBlob("app", "{}"u8);
        var response = await registry.PutManifestAsync($"/v2/app/manifests/{reference}", Manifest, mediaType);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(code, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Empty(registry.Manifests("app"));
    }

    [Fact]
    public async Task What_is_no_manifest_at_all_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var content in new[] { "no json", "[]", "{}", """{"config":1,"layers":[]}""", """{"config":{"digest":null},"layers":[]}""" })
            Assert.Equal(HttpStatusCode.BadRequest, (await registry.PutManifestAsync("/v2/app/manifests/1", content)).StatusCode);
        var large = await registry.PutManifestAsync("/v2/app/manifests/1", new string(' ', 4 * 1024 * 1024 + 1));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
    }

    [Fact]
    public async Task An_index_needs_its_children()
    {
        await using var registry = await TestRegistry.StartAsync();
        var index = $$"""{"schemaVersion":2,"mediaType":"{{OciIndex}}","manifests":[{"mediaType":"{{OciManifest}}","digest":"{{ManifestDigest}}","size":{{Manifest.Length}}}]}""";
        var early = await registry.PutManifestAsync("/v2/app/manifests/1", index, OciIndex);
        Assert.Contains("MANIFEST_BLOB_UNKNOWN", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        registry.PutManifest("app", null, OciManifest, Encoding.UTF8.GetBytes(Manifest));
        Assert.Equal(HttpStatusCode.Created, (await registry.PutManifestAsync("/v2/app/manifests/1", index, OciIndex)).StatusCode);
    }

    [Fact]
    public async Task A_layer_with_addresses_of_its_own_need_not_be_there()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", "{}"u8);
        var manifest = JsonNode.Parse(Manifest)!;
        manifest["layers"]!.AsArray()
            .Add(new JsonObject { ["digest"] = DigestOf([1]), ["urls"] = new JsonArray("https://example.invalid/x") });
        Assert.Equal(HttpStatusCode.Created, (await registry.PutManifestAsync("/v2/app/manifests/1", manifest.ToJsonString())).StatusCode);
    }

    [Fact]
    public async Task Tags_come_in_pages()
    {
        await using var registry = await TestRegistry.StartAsync(new() { MaximumTagsPage = 3 });
        foreach (var tag in new[] { "d", "a", "C", "b", "e" })
            registry.PutManifest("x/app", tag, OciManifest, Encoding.UTF8.GetBytes(Manifest));
        var pages = new List<string>();
        for (var next = "/v2/x/app/tags/list?n=2"; next is not null;)
        {
            var response = await registry.SendAsync("GET", next);
            var tags = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["tags"]!.AsArray();
            pages.Add(string.Join(' ', tags.Select(tag => (string)tag!)));
            next = HeaderOf(response, "Link")?.Split('<', '>')[1];
        }
        Assert.Equal(["C a", "b d", "e"], pages);

        var limited = await registry.SendAsync("GET", "/v2/x/app/tags/list");
        Assert.Equal("""{"name":"x/app","tags":["C","a","b"]}""", await limited.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", "/v2/none/tags/list")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await registry.SendAsync("GET", "/v2/x/app/tags/list?n=x")).StatusCode);
    }

    [Theory]
    [InlineData(false, HttpStatusCode.BadRequest)]
    [InlineData(true, HttpStatusCode.Accepted)]
    public async Task A_manifest_is_deleted_by_digest_and_perhaps_by_tag(bool tagDelete, HttpStatusCode expected)
    {
        await using var registry = await TestRegistry.StartAsync(new() { TagDelete = tagDelete });
        registry.PutManifest("app", "1", OciManifest, Encoding.UTF8.GetBytes(Manifest));
        registry.PutManifest("app", "2", OciManifest, Encoding.UTF8.GetBytes(Manifest));
        Assert.Equal(expected, (await registry.SendAsync("DELETE", "/v2/app/manifests/1")).StatusCode);
        Assert.Equal(tagDelete ? ["2"] : ["1", "2"], registry.Tags("app"));
        Assert.Equal(HttpStatusCode.Accepted, (await registry.SendAsync("DELETE", $"/v2/app/manifests/{ManifestDigest}")).StatusCode);
        Assert.Empty(registry.Tags("app"));
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("DELETE", $"/v2/app/manifests/{ManifestDigest}")).StatusCode);
    }

    [Fact]
    public async Task Referrers_are_listed_when_there_is_an_api_for_them()
    {
        await using var registry = await TestRegistry.StartAsync(new() { ReferrersApi = true });
        registry.PutBlob("app", "{}"u8);
        var subject = BaseImages.PushImage(registry, "app", "1");
        var referrer = JsonNode.Parse(Manifest)!;
        referrer["artifactType"] = "application/x.one";
        referrer["annotations"] = new JsonObject { ["k"] = "v" };
        referrer["subject"] = new JsonObject { ["mediaType"] = OciManifest, ["digest"] = subject.Digest, ["size"] = subject.Size };
        var put = await registry.PutManifestAsync(
            $"/v2/app/manifests/{DigestOf(Encoding.UTF8.GetBytes(referrer.ToJsonString()))}",
            referrer.ToJsonString());
        Assert.Equal(subject.Digest, HeaderOf(put, "OCI-Subject"));

        async Task<(string? Filters, JsonArray Found)> ListAsync(string query)
        {
            var response = await registry.SendAsync("GET", $"/v2/app/referrers/{subject.Digest}{query}");
            Assert.Equal(OciIndex, HeaderOf(response, "Content-Type"));
            return (
                HeaderOf(response, "OCI-Filters-Applied"),
                JsonNode.Parse(await response.Content.ReadAsStringAsync())!["manifests"]!.AsArray());
        }
        var all = await ListAsync("");
        Assert.Null(all.Filters);
        var only = Assert.Single(all.Found)!;
        Assert.Equal(("application/x.one", "v"), ((string)only["artifactType"]!, (string)only["annotations"]!["k"]!));
        var none = await ListAsync("?artifactType=application/x.two");
        Assert.Equal("artifactType", none.Filters);
        Assert.Empty(none.Found);
    }

    [Fact]
    public async Task Without_the_api_referrers_are_404()
    {
        await using var registry = await TestRegistry.StartAsync();
        Assert.Equal(HttpStatusCode.NotFound, (await registry.SendAsync("GET", $"/v2/app/referrers/{ManifestDigest}")).StatusCode);
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Containerize.Registries;
using Containerize.Registries.Endpoints;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Tests.Registries;

public sealed class TagListTests
{
    [Fact]
    public async Task All_tags_come_in_one_request_where_the_registry_likes()
    {
        await using var registry = await StartAsync(new TestRegistryOptions(), "1.0", "latest");
        using var harness = new Harness();
        Assert.Equal(["1.0", "latest"], await harness.Client.Repository(registry.Host, "team/app").ListTagsAsync(default));
        Assert.Equal(["GET /v2/team/app/tags/list?n=1000 → 200"], registry.Requests.Select(r => r.Summary));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(7)]
    public async Task Pages_are_followed_to_the_last(int page)
    {
        var tags = Enumerable.Range(1, 7).Select(i => $"1.{i}").ToArray();
        await using var registry = await StartAsync(new TestRegistryOptions { MaximumTagsPage = page }, tags);
        using var harness = new Harness();
        Assert.Equal(tags, await harness.Client.Repository(registry.Host, "team/app").ListTagsAsync(default));
        Assert.Equal((tags.Length + page - 1) / page, registry.Requests.Count);
        if (page == 3)
        {
            Assert.Equal(
                [
                    "GET /v2/team/app/tags/list?n=1000 → 200",
                    "GET /v2/team/app/tags/list?last=1.3&n=3 → 200",
                    "GET /v2/team/app/tags/list?last=1.6&n=3 → 200",
                ],
                registry.Requests.Select(r => r.Summary));
        }
    }

    [Fact]
    public async Task A_whole_address_of_the_same_registry_is_followed()
    {
        var network = Pages(("n=1000", """["a"]""", "<http://r.example/v2/app/tags/list?page=2>; rel=\"next\""), ("page=2", """["b","a"]""", null));
        using var harness = new Harness(network);
        Assert.Equal(["a", "b"], await harness.Client.Repository("r.example", "app").ListTagsAsync(default));
        // Registries behind a proxy that ends TLS name themselves with http; nobody goes back to that.
        Assert.Equal(["GET https://r.example/v2/app/tags/list?n=1000", "GET https://r.example/v2/app/tags/list?page=2"], network.Sent);
    }

    [Theory]
    [InlineData("<https://evil.example/v2/app/tags/list?n=2>; rel=\"next\"", "'evil.example'", "another host")]
    [InlineData("<//evil.example/x>; rel=next", "'evil.example'", "another host")]
    [InlineData("<https://r.example:8443/v2/app/tags/list>; rel=next", "'r.example:8443'", "another host")]
    [InlineData("<https://r.example@evil.example/v2/app/tags/list>; rel=next", "'evil.example'", "another host")]
    [InlineData("<file:///etc/passwd>; rel=next", "'file:///etc/passwd'", "no address")]
    [InlineData("https://r.example/v2/app/tags/list; rel=next", "does not say where the next one is", "'<' and '>'")]
    [InlineData("</v2/app/tags/list?n=2; rel=next", "does not say where the next one is", "'<' and '>'")]
    [InlineData("</v2/app/tags/list?n=1000>; rel=next", "in a circle", "'app'")]
    [InlineData("<http://r.example/v2/app/tags/list?n=1000>; rel=next", "in a circle", "'app'")]
    public async Task A_next_page_that_leads_astray_is_a_failure_and_not_asked_for(string link, string says, string also)
    {
        var network = Pages(("n=1000", """["a"]""", link));
        using var harness = new Harness(network).WithPushUser("ada", "secret");
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app", RegistryAccess.Push).ListTagsAsync(default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
        Assert.Contains(says, exception.Message, StringComparison.Ordinal);
        Assert.Contains(also, exception.Message, StringComparison.Ordinal);
        Assert.StartsWith("GET https://r.example/v2/app/tags/list?n=1000", Assert.Single(network.Sent), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_longer_circle_ends_too()
    {
        await using var registry = await StartAsync(new TestRegistryOptions { MaximumTagsPage = 1 }, "a", "b", "c");
        registry.Faults.Add(
            "GET", "last=b", FaultScript.Always, Fault.SetHeader("Link", "</v2/team/app/tags/list?last=a&n=1>; rel=\"next\""));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository(registry.Host, "team/app").ListTagsAsync(default));
        Assert.Contains("in a circle", exception.Message, StringComparison.Ordinal);
        Assert.Equal(["n=1000", "last=a&n=1", "last=b&n=1"], registry.Requests.Select(r => r.Target.Split('?')[1]));
    }

    [Fact]
    public async Task A_list_without_an_end_is_given_up()
    {
        var page = 0;
        var network = new FakeNetwork(_ => Page("""["a"]""", $"</v2/app/tags/list?page={++page}>; rel=next"));
        using var harness = new Harness(network);
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
        Assert.Contains("more than the 2000 pages", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2000, page);
    }

    [Fact]
    public async Task Too_many_tags_and_too_many_bytes_are_given_up()
    {
        var many = "[" + string.Join(',', Enumerable.Range(0, 500_001).Select(i => $"\"{i}\"")) + "]";
        using (var harness = new Harness(new FakeNetwork(_ => Page(many, null))))
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(
                () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
            Assert.Contains("more than the 500000 tags", exception.Message, StringComparison.Ordinal);
        }

        // Each page alone would do.
        var page = 0;
        var large = $"[\"{new string('a', 12 * 1024 * 1024)}\"]";
        using (var harness = new Harness(new FakeNetwork(_ => Page(large, $"</v2/app/tags/list?page={++page}>; rel=next"))))
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(
                () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
            Assert.Contains("more than the 33554432 bytes", exception.Message, StringComparison.Ordinal);
            Assert.Equal(3, page);
        }

        var huge = $"[\"{new string('a', 33 * 1024 * 1024)}\"]";
        using (var harness = new Harness(new FakeNetwork(_ => Page(huge, null))))
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(
                () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
            Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
            Assert.Contains("more than the 33554432 bytes", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""{"name":"app","tags":null}""", "")]
    [InlineData("""{"name":"app"}""", "")]
    [InlineData("""{"name":"app","tags":[]}""", "")]
    [InlineData("""{"tags":["a",null,7,{"x":1},"sha256:0123","b/c","",".d","e"]}""", "a,e")]
    [InlineData("""{"tags":["a","b","a"]}""", "a,b")]
    public async Task What_is_no_tag_is_left_out(string body, string expected)
    {
        using var harness = new Harness(new FakeNetwork(_ => Harness.Json(HttpStatusCode.OK, body)));
        Assert.Equal(expected, string.Join(',', (await harness.Client.Repository("r.example", "app").ListTagsAsync(default))!));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("<html>log in</html>")]
    [InlineData("")]
    public async Task What_is_no_list_is_a_failure(string body)
    {
        using var harness = new Harness(new FakeNetwork(_ => Harness.Json(HttpStatusCode.OK, body)));
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
        Assert.Equal(RegistryFailure.InvalidContent, exception.Failure);
        Assert.Contains("the tags of 'app' is no list of tags", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "NAME_UNKNOWN")]
    [InlineData(404, "NOT_FOUND")]
    [InlineData(405, "NAME_UNKNOWN")]
    public async Task A_repository_that_does_not_exist_has_no_list(int status, string code)
    {
        using var harness = new Harness(new FakeNetwork(_ => Error(status, code)));
        Assert.Null(await harness.Client.Repository("r.example", "app").ListTagsAsync(default));
    }

    [Theory]
    [InlineData(404, null, RegistryFailure.NotFound)]
    [InlineData(404, "UNSUPPORTED", RegistryFailure.NotFound)]
    [InlineData(405, "UNSUPPORTED", RegistryFailure.Rejected)]
    [InlineData(401, "NAME_UNKNOWN", RegistryFailure.Unauthorized)]
    [InlineData(403, "DENIED", RegistryFailure.Denied)]
    [InlineData(501, null, RegistryFailure.Rejected)]
    public async Task A_registry_that_does_not_list_is_a_failure(int status, string? code, RegistryFailure failure)
    {
        using var harness = new Harness(new FakeNetwork(_ => Error(status, code)));
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository("r.example", "app").ListTagsAsync(default));
        Assert.Equal((failure, status), (exception.Failure, (int?)exception.Status));
        Assert.Equal(code is null ? [] : [code], exception.Codes);
        Assert.Contains("the tags of 'app'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_later_page_that_is_gone_is_no_end()
    {
        await using var registry = await StartAsync(new TestRegistryOptions { MaximumTagsPage = 1 }, "a", "b");
        registry.Faults.Add("GET", "last=a", FaultScript.Always, Fault.Status(404, """{"errors":[{"code":"NAME_UNKNOWN"}]}"""));
        using var harness = new Harness();
        var exception = await Assert.ThrowsAsync<RegistryException>(
            () => harness.Client.Repository(registry.Host, "team/app").ListTagsAsync(default));
        Assert.Equal(RegistryFailure.NotFound, exception.Failure);
    }

    [Fact]
    public async Task A_page_that_breaks_off_is_asked_for_again()
    {
        await using var registry = await StartAsync(new TestRegistryOptions { MaximumTagsPage = 1 }, "a", "b");
        registry.Faults.Add("GET", "last=a", 1, Fault.TruncateBody(5));
        registry.Faults.Add("GET", "last=a", 1, Fault.Status(503));
        using var harness = new Harness();
        Assert.Equal(["a", "b"], await harness.Client.Repository(registry.Host, "team/app").ListTagsAsync(default));
        Assert.Equal(2, harness.Notices.Count);
    }

    [Fact]
    public async Task One_token_serves_the_list_and_the_push()
    {
        await using var registry = await StartAsync(
            new TestRegistryOptions { Auth = new TestRegistryAuth.Bearer { Users = new Dictionary<string, string> { ["ada"] = "secret" } }, MaximumTagsPage = 1 },
            "a",
            "b");
        using var harness = new Harness().WithPushUser("ada", "secret");
        var repository = harness.Client.Repository(registry.Host, "team/app", RegistryAccess.Push);
        Assert.Equal(["a", "b"], await repository.ListTagsAsync(default));
        Assert.True(await repository.BlobExistsAsync(Containerize.Images.Digest.Of("config"u8), default));
        Assert.Equal(["repository:team/app:pull,push"], Assert.Single(registry.TokenRequests).Scopes);
    }

    [Theory]
    [InlineData("</next>; rel=\"next\"", "/next")]
    [InlineData("</next>;rel=next", "/next")]
    [InlineData("< /next >; title=\"a, b; rel=prev\"; REL = \"prev NEXT\"", "/next")]
    [InlineData("</a,b>; rel=prev, </next>; rel=next, </last>; rel=last", "/next")]
    [InlineData("</prev>; title=\"\\\", \"; rel=prev, </next>; title=\"\\\\\"; rel=next", "/next")]
    [InlineData("</next>", "/next")]
    [InlineData("</next>; title=x", "/next")]
    [InlineData("</prev>; rel=\"prev\"", null)]
    [InlineData("</next>; rel=prev; rel=next", null)]
    [InlineData("</help>; rel=help;, ,", null)]
    [InlineData("</x>; flag; rel=nextish", null)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_link_header_is_read(string? header, string? next) => Assert.Equal(next, LinkHeader.Next(header));

    [Theory]
    [InlineData("/next; rel=next")]
    [InlineData("</next")]
    [InlineData("</next>; rel=\"next")]
    [InlineData("</next>; title=\"x\\\"")]
    [InlineData("</prev>; rel=prev, nonsense")]
    public void One_that_cannot_be_read_is_not_taken_for_none(string header) =>
        Assert.Throws<FormatException>(() => LinkHeader.Next(header));

    private static async Task<TestRegistry> StartAsync(TestRegistryOptions options, params string[] tags)
    {
        var registry = await TestRegistry.StartAsync(options);
        registry.PutBlob("team/app", "config"u8);
        foreach (var tag in tags)
            registry.PutManifest("team/app", tag, Harness.Index.MediaType, Harness.Index.Content.Span);
        return registry;
    }

    private static FakeNetwork Pages(params (string Query, string Tags, string? Link)[] pages) => new(request =>
        Array.Find(pages, page => request.RequestUri!.Query == "?" + page.Query) is { Tags: { } tags, Link: var link }
            ? Page(tags, link)
            : null);

    private static HttpResponseMessage Page(string tags, string? link) =>
        Harness.Json(HttpStatusCode.OK, $$"""{"name":"app","tags":{{tags}}}""", link is null ? [] : [("Link", link)]);

    private static HttpResponseMessage Error(int status, string? code) => code is null
        ? Harness.Answer((HttpStatusCode)status)
        : Harness.Json(
            (HttpStatusCode)status, new JsonObject { ["errors"] = new JsonArray(new JsonObject { ["code"] = code }) }.ToJsonString());
}

using System.Text.Json;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Stores;
using Containerize.Stores.Layout;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class TagGuardTests : IDisposable
{
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();
    private readonly List<string> _notices = [];

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(DestinationKind.Registry)]
    [InlineData(DestinationKind.OciLayout)]
    public async Task Releases_in_another_order_than_their_numbers(DestinationKind kind)
    {
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { MaximumTagsPage = 2 });
        var destination = new Destination(kind, kind == DestinationKind.Registry ? registry.Host : _folder["layout"]);
        var place = kind == DestinationKind.Registry ? $"{registry.Host}/team/app" : $"team/app in {_folder["layout"]}";
        var prefix = kind == DestinationKind.Registry ? $"{registry.Host}/team/app:" : "team/app:";
        var map = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (version, moving, kept) in new (string, string[], string[])[]
        {
            ("2.3.1", ["2.3.1", "2.3", "2", "latest", "stable"], []),
            ("2.2.9", ["2.2.9", "2.2"], [$"{place} keeps 2, latest, stable as they are: 2.3.1 is there, which is higher than 2.2.9"]),
            ("2.3.0", ["2.3.0"], [$"{place} keeps 2.3, 2, latest, stable as they are: 2.3.1 is there, which is higher than 2.3.0"]),
            ("2.4.0-rc.1", ["2.4.0-rc.1"], []),
            ("3.0.0", ["3.0.0", "3.0", "3", "latest", "stable"], []),
            ("2.10.0", ["2.10.0", "2.10", "2"], [$"{place} keeps latest, stable as they are: 3.0.0 is there, which is higher than 2.10.0"]),
            (
                "2.3.1",
                ["2.3.1", "2.3"],
                [$"{place} keeps 2 as it is: 2.10.0 is there, which is higher than 2.3.1", $"{place} keeps latest, stable as they "
                    + "are: 3.0.0 is there, which is higher than 2.3.1"]),
        })
        {
            _notices.Clear();
            var (arrival, digest) = await PublishAsync(Plan(version, destination));
            Assert.Equal(moving.Select(tag => prefix + tag), arrival.Names);
            foreach (var tag in moving)
                map[tag] = digest;
            Assert.Equal(map, kind == DestinationKind.Registry ? RegistryMap(registry) : LayoutMap());
            Assert.Equal(kept, _notices);
        }
    }

    [Fact]
    public async Task Each_registry_is_asked_for_itself()
    {
        await using var one = await TestRegistry.StartAsync();
        await using var two = await TestRegistry.StartAsync();
        await PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, one.Host)));
        foreach (var registry in new[] { one, two })
            await PublishAsync(Plan("2.2.9", new Destination(DestinationKind.Registry, registry.Host)));
        Assert.Equal(["2", "2.2", "2.2.9", "2.3", "2.3.1", "latest", "stable"], one.Tags("team/app"));
        Assert.Equal(["2", "2.2", "2.2.9", "latest", "stable"], two.Tags("team/app"));
        Assert.NotEqual(one.FindManifest("team/app", "latest")!.Digest, one.FindManifest("team/app", "2.2.9")!.Digest);
        Assert.Equal(two.FindManifest("team/app", "latest")!.Digest, two.FindManifest("team/app", "2.2.9")!.Digest);
    }

    [Fact]
    public async Task The_list_is_asked_for_before_the_first_upload_and_again_before_the_first_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        await PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host)));
        var summaries = registry.Requests.Select(request => request.Summary).ToList();
        Assert.Equal("GET /v2/team/app/tags/list?n=1000 → 404", summaries[0]);
        var uploads = summaries.FindLastIndex(summary => summary.Contains("/blobs/uploads/", StringComparison.Ordinal));
        Assert.Equal("GET /v2/team/app/tags/list?n=1000 → 200", summaries[uploads + 1]);
        Assert.Equal(
            new[] { "2.3.1", "2.3", "2", "latest", "stable" }.Select(tag => $"PUT /v2/team/app/manifests/{tag} → 201"),
            summaries[(uploads + 2)..]);
    }

    [Fact]
    public async Task A_release_that_arrives_during_the_upload_counts()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/blobs/uploads/", 1, (context, next) =>
        {
            registry.PutManifest("team/app", "9.0.0", MediaTypes.OciIndex, "{}"u8);
            return next(context);
        });
        var (arrival, _) = await PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host)));
        Assert.Equal(new[] { "2.3.1", "2.3", "2" }.Select(tag => $"{registry.Host}/team/app:{tag}"), arrival.Names);
        Assert.Equal(["2", "2.3", "2.3.1", "9.0.0"], registry.Tags("team/app"));
    }

    [Fact]
    public async Task Archives_hold_one_image_and_get_all_tags()
    {
        await PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Archive, _folder["app.tar"])));
        var (arrival, _) = await PublishAsync(Plan("2.2.9", new Destination(DestinationKind.Archive, _folder["app.tar"])));
        Assert.Equal(new[] { "2.2.9", "2.2", "2", "latest", "stable" }.Select(tag => "team/app:" + tag), arrival.Names);
        Assert.Empty(_notices);
    }

    [Fact]
    public async Task Tags_of_a_destinations_own_are_put_as_they_are()
    {
        await using var registry = await TestRegistry.StartAsync();
        await PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host)));
        registry.ClearRequests();
        var (arrival, digest) = await PublishAsync(
            Plan("2.2.9", new Destination(DestinationKind.Registry, registry.Host) { Tags = ["latest"] }));
        Assert.Equal([$"{registry.Host}/team/app:latest"], arrival.Names);
        Assert.Equal(digest, registry.FindManifest("team/app", "latest")!.Digest);
        Assert.DoesNotContain(registry.Requests, request => request.Path.EndsWith("/tags/list", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_layout_is_asked_for_the_repositorys_own_tags()
    {
        var layout = new Destination(DestinationKind.OciLayout, _folder["layout"]);
        await PublishAsync(Plan("3.0.0", layout with { Repository = "team/other" }));
        var (arrival, _) = await PublishAsync(Plan("2.3.1", layout));
        Assert.Equal(new[] { "2.3.1", "2.3", "2", "latest", "stable" }.Select(tag => "team/app:" + tag), arrival.Names);
    }

    public static TheoryData<int, string> Silent => new()
    {
        { 401, "401 (Unauthorized)" },
        { 403, "403 (Forbidden)" },
        { 404, "404 (NotFound)" },
        { 405, "405 (MethodNotAllowed)" },
        { 501, "501 (NotImplemented)" },
    };

    [Theory]
    [MemberData(nameof(Silent))]
    public async Task A_registry_that_does_not_list_its_tags_gets_nothing(int status, string says)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add(
            "GET", "/tags/list", FaultScript.Always, Fault.Status(status, headers: ("WWW-Authenticate", "Basic realm=\"x\"")));
        await Failing.WithAsync(
            ErrorCodes.TagsUnlisted,
            () => PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host))),
            $"'{registry.Host}/team/app'", says, "ContainerTagPolicy to 'Version'");
        Assert.All(registry.Requests, request => Assert.Equal("GET", request.Method));
    }

    [Fact]
    public async Task A_list_that_goes_on_elsewhere_gets_nothing()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("team/app", "1.0.0", MediaTypes.OciIndex, "{}"u8);
        registry.Faults.Add(
            "GET", "/tags/list", FaultScript.Always, Fault.SetHeader("Link", "<http://127.0.0.1:1/v2/team/app/tags/list>; rel=\"next\""));
        await Failing.WithAsync(
            ErrorCodes.TagsUnlisted,
            () => PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host))),
            "'127.0.0.1:1'", "another host");
        Assert.Single(registry.Requests);
    }

    [Theory]
    [InlineData(429, ErrorCodes.PushFailed)]
    [InlineData(503, ErrorCodes.PushFailed)]
    public async Task A_registry_in_trouble_is_no_registry_without_a_list(int status, string code)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("GET", "/tags/list", FaultScript.Always, Fault.Status(status, headers: ("Retry-After", "100000")));
        await Failing.WithAsync(
            code,
            () => PublishAsync(Plan("2.3.1", new Destination(DestinationKind.Registry, registry.Host))),
            $"'{registry.Host}/team/app'");
    }

    [Fact]
    public async Task Without_floating_tags_nobody_is_asked()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("GET", "/tags/list", FaultScript.Always, Fault.Status(501));
        foreach (var (policy, version) in new[] { (TagPolicy.Version, "2.3.1"), (TagPolicy.Floating, "2.4.0-rc.1"), (TagPolicy.Explicit, "") })
            await PublishAsync(Plan(version, policy, immutable: false, new Destination(DestinationKind.Registry, registry.Host)));
        Assert.Equal(["1.0", "2.3.1", "2.4.0-rc.1", "latest"], registry.Tags("team/app"));
        Assert.DoesNotContain(registry.Requests, request => request.Path.EndsWith("/tags/list", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("2.3.1")]
    [InlineData("2.4.0-rc.1")]
    public async Task An_immutable_tag_of_another_image_ends_it_before_anything_is_uploaded_anywhere(string version)
    {
        await using var empty = await TestRegistry.StartAsync();
        await using var taken = await TestRegistry.StartAsync();
        var existing = taken.PutManifest("team/app", version, MediaTypes.OciIndex, Index);
        taken.ClearRequests();
        var plan = Plan(
            version, TagPolicy.Floating, immutable: true,
            new Destination(DestinationKind.Registry, empty.Host),
            new Destination(DestinationKind.Archive, _folder["app.tar"]),
            new Destination(DestinationKind.Registry, taken.Host));
        var e = await Failing.WithAsync(
            ErrorCodes.TagImmutable, () => PublishAsync(plan), $"'{taken.Host}/team/app:{version}'", existing, "Raise the version");
        Assert.Contains(await DigestAsync(plan), e.Message, StringComparison.Ordinal);
        Assert.Equal([$"HEAD /v2/team/app/manifests/{version} → 200"], taken.Requests.Select(request => request.Summary));
        Assert.All(empty.Requests, request => Assert.Contains(request.Method, new[] { "HEAD", "GET" }));
        Assert.Equal([version], taken.Tags("team/app"));
        Assert.False(File.Exists(_folder["app.tar"]));
    }

    [Fact]
    public async Task An_immutable_tag_of_a_layout_is_kept_too()
    {
        var layout = new Destination(DestinationKind.OciLayout, _folder["layout"]);
        var first = Plan("2.3.1", TagPolicy.Floating, immutable: true, layout);
        var (_, digest) = await PublishAsync(first);
        await PublishAsync(first);
        var other = first with { Created = first.Created.AddDays(1) };

        await Failing.WithAsync(ErrorCodes.TagImmutable, () => PublishAsync(other), $"'team/app:2.3.1 in {_folder["layout"]}'", digest);
        Assert.All(LayoutMap(), tag => Assert.Equal(digest, tag.Value));
        // Another repository's is another tag.
        await PublishAsync(other with { Destinations = [layout with { Repository = "team/other" }] });
    }

    [Fact]
    public async Task The_same_image_goes_on_and_floating_names_are_free()
    {
        await using var registry = await TestRegistry.StartAsync();
        foreach (var floating in new[] { "2.3", "2", "latest", "stable" })
            registry.PutManifest("team/app", floating, MediaTypes.OciIndex, Index);
        var plan = Plan("2.3.1", TagPolicy.Floating, immutable: true, new Destination(DestinationKind.Registry, registry.Host));
        var (first, digest) = await PublishAsync(plan);
        registry.ClearRequests();
        var (second, _) = await PublishAsync(plan);
        Assert.Equal(first.Names, second.Names);
        Assert.Equal(
            ["2", "2.3", "2.3.1", "latest", "stable"], RegistryMap(registry).Where(tag => tag.Value == digest).Select(tag => tag.Key));
        Assert.Equal("HEAD /v2/team/app/manifests/2.3.1 → 200", registry.Requests[0].Summary);
        Assert.DoesNotContain(
            registry.Requests.Skip(1),
            request => request.Method == "HEAD" && request.Path.Contains("/manifests/", StringComparison.Ordinal)
                && !request.Path.Contains("sha256:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tags_that_the_user_names_are_kept_as_well_where_they_are_versions()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("team/app", "1.0", MediaTypes.OciIndex, Index);
        registry.PutManifest("team/own", "5.0.0", MediaTypes.OciIndex, Index);
        var here = new Destination(DestinationKind.Registry, registry.Host);
        await PublishAsync(Plan("", TagPolicy.Explicit, immutable: true, here));
        await Failing.WithAsync(
            ErrorCodes.TagImmutable,
            () => PublishAsync(
                Plan("", TagPolicy.Explicit, immutable: true, here with { Repository = "team/own", Tags = ["latest", "5.0.0"] })),
            $"'{registry.Host}/team/own:5.0.0'");
    }

    [Theory]
    [InlineData(401, ErrorCodes.PushDenied)]
    [InlineData(500, ErrorCodes.PushFailed)]
    public async Task A_registry_that_does_not_tell_the_tags_digest_is_the_pushs_failure(int status, string code)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add(
            "*",
            "/manifests/",
            FaultScript.Always,
            Fault.Status(status, headers: [("WWW-Authenticate", "Basic realm=\"x\""), ("Retry-After", "100000")]));
        await Failing.WithAsync(
            code, () =>
                PublishAsync(
                    Plan(
                        "2.3.1",
                        TagPolicy.Version,
                        immutable: true,
                        new Destination(DestinationKind.Registry, registry.Host))), $"'{registry.Host}/team/app:2.3.1'");
        Assert.DoesNotContain(registry.Requests, request => request.Method is "POST" or "PUT");
    }

    // Another image's manifest as far as tags are concerned.
    private static ReadOnlySpan<byte> Index => """{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}"""u8;

    private ImagePlan Plan(string version, params Destination[] destinations) =>
        Plan(version, TagPolicy.Floating, immutable: false, destinations);

    private ImagePlan Plan(string version, TagPolicy policy, bool immutable, params Destination[] destinations)
    {
        var plan = _app.Plan("scratch");
        var byVersion = VersionTags.Of(policy, version);
        return plan with
        {
            // Each version is an image of its own.
            Config = plan.Config with { Labels = [new NamedValue("org.opencontainers.image.version", version)] },
            Tags = byVersion is null ? plan.Tags : [.. byVersion.All],
            TagRules = new TagRules { Version = byVersion?.Floating.Count > 0 ? byVersion.Version : null, Floating = byVersion?.Floating ?? [], Immutable = immutable },
            Destinations = destinations,
        };
    }

    private async Task<string> DigestAsync(ImagePlan plan) =>
        (await _app.BuildAsync(plan, ScratchSource.ImageFor(plan.Platform))).Manifest.Document.Descriptor.Digest.ToString();

    private async Task<(PublishedTo Last, string Digest)> PublishAsync(ImagePlan plan)
    {
        using var client = Clients.Anonymous();
        var image = await _app.BuildAsync(plan, ScratchSource.ImageFor(plan.Platform));
        var publisher = new ImagePublisher(client, new TagLookups(client), new ScriptedProcesses(), _notices.Add);
        var arrivals = await publisher.PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);
        return (arrivals[^1], image.Manifest.Document.Descriptor.Digest.ToString());
    }

    private static SortedDictionary<string, string> RegistryMap(TestRegistry registry) =>
        new(
            registry.Tags("team/app").ToDictionary(tag => tag, tag => registry.FindManifest("team/app", tag)!.Digest),
            StringComparer.Ordinal);

    private SortedDictionary<string, string> LayoutMap()
    {
        using var index = JsonDocument.Parse(File.ReadAllText(_folder["layout/index.json"]));
        return new(
            index.RootElement.GetProperty("manifests").EnumerateArray().ToDictionary(
                entry => entry.GetProperty("annotations").GetProperty("org.opencontainers.image.ref.name").GetString()!,
                entry => entry.GetProperty("digest").GetString()!),
            StringComparer.Ordinal);
    }
}

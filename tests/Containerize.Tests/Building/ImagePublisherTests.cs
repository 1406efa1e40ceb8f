using System.Net;
using System.Net.Sockets;
using Containerize.Building;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;
using Containerize.Stores;
using Containerize.Stores.Layout;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class ImagePublisherTests : IDisposable
{
    private const string Inspect = "docker image inspect team/app:1.0 team/app:latest";
    private static readonly ProcessOutcome Good = new(0, "", "");
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();
    private readonly ScriptedProcesses _processes = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_registry_gets_every_tag()
    {
        await using var registry = await TestRegistry.StartAsync();
        var arrival = await PublishAsync(new Destination(DestinationKind.Registry, registry.Host));
        Assert.Equal((DestinationKind.Registry, registry.Host), (arrival.Destination.Kind, arrival.Destination.Target));
        Assert.StartsWith($"{registry.Host}/team/app:1.0@sha256:", arrival.Line, StringComparison.Ordinal);
        Assert.EndsWith(" (also latest)", arrival.Line, StringComparison.Ordinal);
        Assert.Equal([$"{registry.Host}/team/app:1.0", $"{registry.Host}/team/app:latest"], arrival.Names);
        Assert.Equal(["1.0", "latest"], registry.Tags("team/app"));
        Assert.Empty(_processes.Runs);
    }

    [Fact]
    public async Task A_layout_and_an_archive_are_written()
    {
        var layout = await PublishAsync(new Destination(DestinationKind.OciLayout, _folder["layout"]));
        Assert.Equal(["team/app:1.0", "team/app:latest"], layout.Names);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromLayout(_folder["layout"], "1.0"), SampleApp.Validation);

        var archive = await PublishAsync(new Destination(DestinationKind.Archive, _folder["new/app.tar"]));
        Assert.Equal((DestinationKind.Archive, _folder["new/app.tar"]), (archive.Destination.Kind, archive.Destination.Target));
        Assert.Contains($"docker load --input \"{_folder["new/app.tar"]}\"", archive.Line, StringComparison.Ordinal);
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(_folder["new/app.tar"], "latest"), SampleApp.Validation);
    }

    [Fact]
    public async Task The_first_engine_that_answers_gets_the_image()
    {
        _processes["docker version"] = new ProcessOutcome(1, "", "Cannot connect to the Docker daemon");
        _processes["podman version"] = Good;
        _processes["podman load"] = Good;
        _processes["nerdctl version"] = Good;
        var arrival = await PublishAsync(new Destination(DestinationKind.Engine, "", _folder["fallback.tar"]));
        Assert.Equal([Inspect, "docker version", "podman version", "podman load"], _processes.Runs);
        Assert.Equal((DestinationKind.Engine, "Podman"), (arrival.Destination.Kind, arrival.Destination.Target));
        Assert.Equal(["team/app:1.0", "team/app:latest"], arrival.Names);
        Assert.False(File.Exists(_folder["fallback.tar"]));

        var loaded = ImageUnderTest.FromArchive(_folder.Write("loaded.tar", _processes.Input), "latest");
        await ImageValidator.AssertValidAsync(loaded, SampleApp.Validation);
        Assert.Equal(["team/app:1.0", "team/app:latest"], loaded.RepoTags);
    }

    [Fact]
    public async Task Only_the_engine_that_was_asked_for_is_asked()
    {
        _processes["nerdctl version"] = Good;
        _processes["nerdctl load"] = Good;
        await PublishAsync(new Destination(DestinationKind.Engine, "Nerdctl", _folder["fallback.tar"]));
        Assert.Equal(["nerdctl version", "nerdctl load"], _processes.Runs);
    }

    [Fact]
    public async Task Without_an_engine_there_is_an_archive()
    {
        var arrival = await PublishAsync(new Destination(DestinationKind.Engine, "", _folder["fallback.tar"]));
        Assert.Equal([Inspect, "docker version", "podman version", "nerdctl version"], _processes.Runs);
        Assert.Equal((DestinationKind.Archive, _folder["fallback.tar"]), (arrival.Destination.Kind, arrival.Destination.Target));
        await ImageValidator.AssertValidAsync(ImageUnderTest.FromArchive(_folder["fallback.tar"], "latest"), SampleApp.Validation);
    }

    [Fact]
    public async Task An_engine_that_was_asked_for_and_does_not_answer_is_a_failure()
    {
        _processes["podman version"] = Good;
        await Failing.WithAsync(
            ErrorCodes.EngineMissing, () => PublishAsync(new Destination(DestinationKind.Engine, "Docker", _folder["fallback.tar"])),
            "loaded into Docker", "'docker version'", "ContainerArchiveOutputPath");
        Assert.Equal([Inspect, "docker version"], _processes.Runs);
        Assert.False(File.Exists(_folder["fallback.tar"]));
    }

    [Fact]
    public async Task An_engine_that_does_not_take_the_image_is_a_failure_with_its_own_words()
    {
        _processes["docker version"] = Good;
        _processes["docker load"] = new ProcessOutcome(1, "", "noise\n\nfirst\nsecond\nno space left on device.\n");
        var e = await Failing.WithAsync(
            ErrorCodes.EngineLoadFailed, () => PublishAsync(new Destination(DestinationKind.Engine, "", _folder["fallback.tar"])),
            "'docker load'", "team/app:1.0", "first second no space left on device. Check");
        Assert.DoesNotContain("noise", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["fallback.tar"]));

        _processes["docker load"] = new ProcessOutcome(125, "", "");
        await Failing.WithAsync(
            ErrorCodes.EngineLoadFailed, () => PublishAsync(new Destination(DestinationKind.Engine, "")), "team/app:1.0. Check");
    }

    [Theory]
    [InlineData(401, ErrorCodes.PushDenied)]
    [InlineData(403, ErrorCodes.PushDenied)]
    [InlineData(404, ErrorCodes.PushFailed)]
    [InlineData(400, ErrorCodes.PushFailed)]
    public async Task A_registry_that_refuses_a_blob_is_told_of_and_nothing_is_tagged(int status, string code)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add(
            "POST", "/blobs/uploads/", FaultScript.Always, Fault.Status(status, headers: ("WWW-Authenticate", "Basic realm=\"x\"")));
        await Failing.WithAsync(
            code, () => PublishAsync(new Destination(DestinationKind.Registry, registry.Host)), $"'{registry.Host}/team/app:1.0'");
        Assert.Empty(registry.Tags("team/app"));
        Assert.DoesNotContain(registry.Requests, request => request.Method == "PUT");
    }

    [Fact]
    public async Task A_blob_that_fails_late_leaves_no_tag_and_no_open_upload()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("PUT", "/blobs/uploads/", 1, Fault.Status(400), skip: 1);
        await Failing.WithAsync(ErrorCodes.PushFailed, () => PublishAsync(new Destination(DestinationKind.Registry, registry.Host)));
        Assert.Empty(registry.Tags("team/app"));
        Assert.DoesNotContain(
            registry.Requests, request => request.Method == "PUT" && request.Path.Contains("/manifests/", StringComparison.Ordinal));
        Assert.Equal(0, registry.OpenUploads("team/app"));
    }

    [Fact]
    public async Task A_registry_that_nobody_runs_is_told_of()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var host = listener.LocalEndpoint.ToString()!;
        listener.Stop();
        await Failing.WithAsync(
            ErrorCodes.RegistryUnreachable, () => PublishAsync(new Destination(DestinationKind.Registry, host)), $"'{host}/team/app:1.0'");
    }

    [Theory]
    [InlineData("docker.io")]
    [InlineData("index.docker.io")]
    public async Task Docker_hubs_refusal_is_the_pushs_whatever_the_hub_is_called(string registry)
    {
        using var client = new RegistryClient(
            new RegistryClientOptions { Environment = new EmptyEnvironment(), Processes = _processes }, new Refusing());
        var plan = _app.Plan("scratch");
        var image = await _app.BuildAsync(plan, ScratchSource.ImageFor(plan.Platform));
        await Failing.WithAsync(
            ErrorCodes.PushDenied,
            () => new ImagePublisher(client, new TagLookups(client), _processes)
                .PublishAsync(plan, ImageSet.Of(image), [new Destination(DestinationKind.Registry, registry)], default),
            "docker login docker.io");
    }

    public static TheoryData<DestinationKind> Copies =>
        [DestinationKind.Registry, DestinationKind.Archive, DestinationKind.OciLayout, DestinationKind.Engine];

    [Theory]
    [MemberData(nameof(Copies))]
    public async Task A_base_whose_bytes_are_damaged_arrives_nowhere(DestinationKind kind)
    {
        await using var source = await TestRegistry.StartAsync();
        await using var target = await TestRegistry.StartAsync();
        var pushed = BaseImages.PushImage(source, "base", "1");
        source.Faults.Add("GET", pushed.Layers[0].Digest, FaultScript.Always, Fault.FlipByte(20));
        _processes["docker version"] = Good;
        _processes["docker load"] = Good;
        var place = kind == DestinationKind.Registry ? target.Host : kind == DestinationKind.Engine ? "" : _folder["place"];
        await Failing.WithAsync(
            ErrorCodes.BaseContentInvalid, () =>
                PublishAsync(new Destination(kind, place, _folder["fallback"]), $"{source.Host}/base:1"), pushed.Layers[0].Digest);
        Assert.Empty(target.Tags("team/app"));
        // Of the uploads beside it, one may just have been begun when all were given up: nobody knows its session yet.
        Assert.Empty(target.Manifests("team/app"));
        Assert.DoesNotContain(
            _folder.Everything(),
            path => path.EndsWith("index.json", StringComparison.Ordinal) || path.Contains(".tmp", StringComparison.Ordinal));
        Assert.False(File.Exists(_folder["place"]));
    }

    [Theory]
    [MemberData(nameof(Copies))]
    public async Task A_base_whose_bytes_are_gone_is_the_bases_failure(DestinationKind kind)
    {
        // Even where base and image lie in the same registry, which does not mount.
        await using var registry = await TestRegistry.StartAsync(new TestRegistryOptions { Mount = MountBehaviour.Refused });
        var pushed = BaseImages.PushImage(registry, "base", "1");
        registry.Faults.Add("GET", "/v2/base/blobs/" + pushed.Layers[0].Digest, FaultScript.Always, Fault.Status(404));
        _processes["docker version"] = Good;
        _processes["docker load"] = Good;
        var place = kind == DestinationKind.Registry ? registry.Host : kind == DestinationKind.Engine ? "" : _folder["place"];
        await Failing.WithAsync(
            ErrorCodes.BaseNotFound, () =>
                PublishAsync(new Destination(kind, place, _folder["fallback"]), $"{registry.Host}/base:1"), $"'{registry.Host}/base:1'");
        Assert.Empty(registry.Tags("team/app"));
    }

    private async Task<PublishedTo> PublishAsync(Destination destination, string baseImage = "scratch")
    {
        using var client = Clients.Anonymous();
        var plan = _app.Plan(baseImage);
        var image = await _app.BuildAsync(plan, await new BaseResolver(client).ResolveAsync(plan, default));
        return Assert.Single(
            await new ImagePublisher(client, new TagLookups(client), _processes)
                .PublishAsync(plan, ImageSet.Of(image), [destination], default));
    }

    private sealed class Refusing : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(
                new HttpResponseMessage(HttpStatusCode.Forbidden) { RequestMessage = request, Content = new ByteArrayContent([]) });
    }
}

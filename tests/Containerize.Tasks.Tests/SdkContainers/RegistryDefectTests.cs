using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Validation;
using Containerize.Tests.Registries;
using Xunit;

namespace Containerize.Tasks.Tests.SdkContainers;

/// <summary>
/// What was measured to be wrong in the .NET SDK's containers, 10.0.401, and must not be here: how registries are dealt with.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class RegistryDefectTests(PackageFixture fixture)
{
    [Theory]
    [InlineData("/v2/base/manifests/1", false)]
    [InlineData("/v2/base/manifests/1", true)]
    [InlineData("/v2/base/blobs/", false)]
    public async Task Row01_A_registry_that_hangs_is_an_error_not_success(string path, bool inTheMiddle)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        var clock = new FakeClock();
        registry.Faults.Add("GET", path, 1, async (context, _) =>
        {
            if (inTheMiddle)
            {
                context.Response.ContentLength = 1000;
                await context.Response.StartAsync();
                await context.Response.Body.WriteAsync(new byte[10]);
                await context.Response.Body.FlushAsync();
            }

            // The limit is 100 s; the clock is turned until the client has begun to wait and given up.
            while (!context.RequestAborted.IsCancellationRequested)
            {
                clock.Advance(TimeSpan.FromSeconds(100));
                await Task.Delay(10);
            }
        });
        var folder = fixture.CreateDirectory();
        var plan = Path.Combine(folder, "plan.json");
        await PlanFile.WriteAsync(plan, Plan($"{registry.Host}/base:1"), CancellationToken.None);
        using var engine = new MockBuildEngine();
        using var task = new ResolveBaseImage { BuildEngine = engine, PlanPath = plan, ImageFolderPath = folder, CacheDirectory = Path.Combine(folder, "cache"), Clock = clock };

        Assert.False(task.Execute());

        var error = Assert.Single(engine.Errors);
        Assert.True(error.Code == "CTZ2004", $"{error.Code}: {error.Message}");
        Assert.Contains("does not answer", error.Message, StringComparison.Ordinal);
        Assert.Empty(engine.Warnings);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Row02_A_public_base_is_pulled_from_a_registry_with_tokens_without_any_login(bool ownHost)
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Bearer { OwnHost = ownHost } });
        using var nobody = new Variables(("REGISTRY_AUTH_FILE", workspace.Write("auth.json", "{}")));

        Workspace.Publish(workspace.Project(), ("ContainerArchiveOutputPath", workspace.PathOf("app.tar"))).EnsureSuccess();

        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromArchive(workspace.PathOf("app.tar"), "latest"), new ImageValidationOptions { OwnLayers = 1 });
        Assert.Equal(401, workspace.Registry.Requests[0].Status);
        var token = Assert.Single(workspace.Registry.TokenRequests);
        Assert.Equal(("GET", null, 200), (token.Method, token.User, token.Status));
        Assert.Equal(["repository:base:pull"], token.Scopes);
    }

    [Fact]
    public async Task Row09_One_500_on_an_upload_and_one_503_on_a_manifest_are_survived()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var soon = ("Retry-After", "1");
        workspace.Registry.Faults.Add("GET", "/v2/base/manifests/", 1, Fault.Status(503, null, soon));
        workspace.Registry.Faults.Add("PUT", "/v2/app/blobs/uploads/", 1, Fault.Status(500, null, soon));

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Equal(
            [503, 200],
            workspace.Registry.Requests.Where(request => request.Path == "/v2/base/manifests/1").Select(request => request.Status));
        Assert.Single(workspace.Registry.Requests, request => request is { Method: "PUT", Status: 500 });
        await ImageValidator.AssertValidAsync(
            ImageUnderTest.FromRegistry(workspace.Registry, "app", "latest"), new ImageValidationOptions { OwnLayers = 1 });
    }

    [Fact]
    public async Task Row10_Every_upload_is_one_request_and_none_is_a_chunk_without_a_range()
    {
        await using var workspace = await Workspace.StartAsync(fixture);

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        var uploads = workspace.Registry.Requests.Where(request => request.Path.Contains("/blobs/uploads/", StringComparison.Ordinal))
            .ToList();
        Assert.DoesNotContain(uploads, request => request.Method == "PATCH");
        Assert.Equal(2, uploads.Count(request => request.Method == "PUT")); // The layer and the config.
        Assert.All(
            uploads.Where(request => request.Method == "PUT"),
            request => Assert.Equal($"{request.BodyLength}", request.Header("Content-Length")));
    }

    [Theory]
    [InlineData("/v2/base/manifests/1")]
    [InlineData("/v2/base/manifests/sha256:")]
    [InlineData("/v2/base/blobs/")]
    public async Task Row17_A_manifest_or_config_that_is_not_what_its_digest_says_is_refused(string path)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        BaseImages.PushIndex(workspace.Registry, Workspace.BaseRepository, "1", new BaseImageSpec { Platform = Workspace.ThisPlatform });
        // Somewhere in a digest or a name, where the document stays good JSON.
        workspace.Registry.Faults.Add("GET", path, FaultScript.Always, ReplaceDigit);

        Workspace.Publish(workspace.Project(), ("ContainerCacheDirectory", workspace.PathOf("cache"))).EnsureError("CTZ2005");

        Assert.Empty(workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task Row18_Another_host_that_an_upload_is_sent_to_gets_no_credentials()
    {
        await using var other = await TestRegistry.StartAsync();
        other.Faults.Add("PUT", "/session", FaultScript.Always, Fault.Status(201));
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "secret") });
        workspace.Registry.Faults.Add(
            "POST", "/v2/app/blobs/uploads/", FaultScript.Always, Fault.SetHeader("Location", $"http://{other.Host}/session"));
        using var login = new Variables(("DOTNET_CONTAINER_REGISTRY_UNAME", "ada"), ("DOTNET_CONTAINER_REGISTRY_PWORD", "secret"));

        Workspace.Publish(workspace.Project());

        Assert.Contains(workspace.Registry.Requests, request => request.Method == "POST" && request.Header("Authorization") is not null);
        Assert.NotEmpty(other.Requests);
        Assert.All(other.Requests, request => Assert.Null(request.Header("Authorization")));
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Bearer")]
    public async Task Row19_A_password_of_any_letters_is_accepted(string scheme)
    {
        const string password = "пароль-密码-ß:x";
        TestRegistryAuth auth = scheme == "Basic"
            ? new TestRegistryAuth.Basic("jürgen", password)
            : new TestRegistryAuth.Bearer { Users = new Dictionary<string, string> { ["jürgen"] = password }, Anonymous = AnonymousAccess.Refused };
        await using var workspace = await Workspace.StartAsync(fixture, new TestRegistryOptions { Auth = auth });
        using var login = new Variables(("DOTNET_CONTAINER_REGISTRY_UNAME", "jürgen"), ("DOTNET_CONTAINER_REGISTRY_PWORD", password));

        Workspace.Publish(workspace.Project()).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task Row19_Half_a_pair_of_credentials_is_said_to_be_half()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "secret") });
        using var login = new Variables(("DOTNET_CONTAINER_REGISTRY_UNAME", "ada"), ("DOTNET_CONTAINER_REGISTRY_PWORD", null));

        Assert.Contains(
            "DOTNET_CONTAINER_REGISTRY_PWORD is not set",
            Workspace.Publish(workspace.Project()).EnsureError("CTZ4004"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Row20_No_program_is_started_to_learn_what_is_insecure()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        foreach (var program in new[] { "docker", "podman", "nerdctl" })
        {
            var path = workspace.Write("programs/" + program, $"#!/bin/sh\necho \"{program} $*\" >> '{workspace.PathOf("started")}'\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        using var path_ = new Variables(
            ("PATH", workspace.PathOf("programs") + Path.PathSeparator + Environment.GetEnvironmentVariable("PATH")));

        Workspace.Publish(workspace.Project()).EnsureSuccess();
        Assert.False(File.Exists(workspace.PathOf("started")));

        // That they would be found, where there is a reason: an image that goes to an engine.
        Workspace.Publish(workspace.Project(project => project.Property("ContainerRegistry", ""))).EnsureSuccess();
        Assert.Equal(["docker image inspect app:latest", "docker load"], File.ReadAllLines(workspace.PathOf("started")));
    }

    private static async Task ReplaceDigit(Microsoft.AspNetCore.Http.HttpContext context, Microsoft.AspNetCore.Http.RequestDelegate next)
    {
        var original = context.Response.Body;
        using var buffer = new MemoryStream();
        context.Response.Body = buffer;
        await next(context);
        context.Response.Body = original;
        var bytes = buffer.ToArray();
        var at = Array.LastIndexOf(bytes, (byte)'4');
        bytes[at] = (byte)'5';
        await original.WriteAsync(bytes);
    }

    private static ImagePlan Plan(string baseImage) => new()
    {
        Name = "App",
        BaseImage = BaseImageName.Parse(baseImage),
        RuntimeIdentifier = "linux-x64",
        Platform = Platform.FromRuntimeIdentifier("linux-x64")!,
        Created = DateTimeOffset.UnixEpoch,
        Config = new ConfigPlan { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = ["/app/App"] } },
        Repository = "app",
        Tags = ["latest"],
        Destinations = [],
        Layers = [],
    };
}

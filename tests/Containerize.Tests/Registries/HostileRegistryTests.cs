using System.Globalization;
using System.Text;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Files;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Files;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>A registry that means harm costs an error with a code, and no more bytes than an honest one might need.</summary>
public sealed class HostileRegistryTests : IDisposable
{
    // One read more than the limit shows that it is passed.
    private const long OneRead = 128 * 1024;

    // Bytes that an honest one may send at most, by what it is.
    private static readonly Dictionary<string, long> Limits = new(StringComparer.Ordinal)
    {
        ["manifest"] = 8 * 1024 * 1024,
        ["config"] = 8 * 1024 * 1024,
        ["token"] = 64 * 1024,
        ["error"] = 64 * 1024,
        ["tags"] = 32 * 1024 * 1024,
        ["layer"] = 0,
    };

    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    public static TheoryData<string> Whats => [.. Limits.Keys];

    [Theory]
    [MemberData(nameof(Whats))]
    public async Task What_never_ends_is_not_read_to_its_end(string what)
    {
        await using var registry = await StartAsync();
        Strike(registry, what, Endless(what == "error" ? 400 : 200));
        var network = new CountingNetwork();

        await FailsAsync(registry, what, network);

        Assert.InRange(network.LargestAnswer, 1, Limits[what] + OneRead);
    }

    [Theory]
    [MemberData(nameof(Whats))]
    public async Task What_is_deep_is_refused(string what)
    {
        await using var registry = await StartAsync();
        Strike(
            registry,
            what,
            Answer(what == "error" ? 400 : 200, Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":[", 8000)))));

        await FailsAsync(registry, what);
    }

    [Theory]
    [InlineData("manifest")]
    [InlineData("config")]
    public async Task What_is_broad_is_refused(string what)
    {
        await using var registry = await StartAsync();
        // As many values as fit.
        Strike(
            registry,
            what,
            Answer(
                200,
                Encoding.ASCII.GetBytes(
                    "{\"schemaVersion\":2,\"layers\":[" + string.Concat(Enumerable.Repeat("{},", 2_000_000)) + "{}]}")));

        await FailsAsync(registry, what);
    }

    [Fact]
    public async Task A_small_layer_that_unpacks_without_end_is_refused()
    {
        await using var registry = await TestRegistry.StartAsync();
        var layer = RawTar.ZerosInZstd(5L << 30);
        registry.PutBlob("base", layer);
        var config = Encoding.UTF8.GetBytes($$$"""{"architecture":"amd64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["{{{Digest.Of("x"u8)}}}"]}}""");
        registry.PutBlob("base", config);
        var manifest = ImageManifest.Create(
            ImageFormat.Oci,
            Descriptor.Of(MediaTypes.OciConfig, config),
            [Descriptor.Of("application/vnd.oci.image.layer.v1.tar+zstd", layer)]).Document;
        registry.PutManifest("base", "1", manifest.MediaType, manifest.Content.Span);

        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ReadAsync(registry), "base", "more than 250 times its size");
    }

    [Theory]
    [InlineData("\n##vso[task.setvariable variable=x]y")]
    [InlineData("\r\n::set-output name=x::y")]
    [InlineData("\u001b]0;title\u0007\u202e")]
    public async Task What_it_says_cannot_speak_to_whoever_reads_the_log(string words)
    {
        await using var registry = await StartAsync();
        Strike(registry, "error", Answer(403, Encoding.UTF8.GetBytes($$"""{"errors":[{"code":{{System.Text.Json.JsonSerializer.Serialize(words)}},"message":{{System.Text.Json.JsonSerializer.Serialize(words)}}}]}""")));

        var e = await FailsAsync(registry, "error");

        Assert.DoesNotContain("##", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(e.Message, c => char.IsControl(c) || char.GetUnicodeCategory(c) == UnicodeCategory.Format);
    }

    private static async Task<TestRegistry> StartAsync()
    {
        var registry = await TestRegistry.StartAsync(
            new TestRegistryOptions { Auth = new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Everything } });
        BaseImages.PushImage(registry, "base", "1");
        return registry;
    }

    private static void Strike(TestRegistry registry, string what, FaultAction action)
    {
        var config = registry.FindManifest("base", "1") is { } manifest
            ? ImageManifest.Read(new ImageDocument(manifest.MediaType, manifest.Content))
            : null;
        registry.Faults.Add(
            request => request.Path.Value is { } path && what switch
            {
                "manifest" or "error" => path.Contains("/manifests/", StringComparison.Ordinal),
                "config" => path.EndsWith(config!.Config.Digest.ToString(), StringComparison.Ordinal),
                "layer" => path.EndsWith(config!.Layers[0].Digest.ToString(), StringComparison.Ordinal),
                "tags" => path.EndsWith("/tags/list", StringComparison.Ordinal),
                _ => path == "/token",
            },
            FaultScript.Always,
            action);
    }

    private async Task<Exception> FailsAsync(TestRegistry registry, string what, CountingNetwork? network = null)
    {
        if (what == "tags")
        {
            using var client = ClientOf(network);
            return await Assert.ThrowsAsync<RegistryException>(() => client.Repository(registry.Host, "base").ListTagsAsync(default));
        }

        var e = await Assert.ThrowsAsync<ContainerizeException>(() => ReadAsync(registry, network));
        Assert.Matches("^CTZ2[0-9]{3}$", e.Code);
        return e;
    }

    private static RegistryClient ClientOf(CountingNetwork? network) =>
        new(new RegistryClientOptions { Environment = new EmptyEnvironment(), Processes = new ScriptedProcesses() }, network);

    private async Task<ImageTree> ReadAsync(TestRegistry registry, CountingNetwork? network = null)
    {
        using var client = ClientOf(network);
        var plan = _app.Plan($"{registry.Host}/base:1");
        var image = await new BaseResolver(client).ResolveAsync(plan, default);
        return await new BaseFileReader(Kept.Contents(null, _folder.Path, TimeProvider.System)).ReadAsync(plan, image, default);
    }

    private static FaultAction Answer(int status, byte[] body) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ManifestMediaTypes.OciManifest;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    };

    private static FaultAction Endless(int status) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = ManifestMediaTypes.OciManifest;
        var many = new byte[64 * 1024];
        many.AsSpan().Fill((byte)' ');
        // For the test's sake not quite without end: Kestrel goes on for a while when nobody listens.
        for (var i = 0; i < 4096 && !context.RequestAborted.IsCancellationRequested; i++)
            await context.Response.Body.WriteAsync(many, context.RequestAborted);
    };

    /// <summary>The network, which knows how much was read of each answer.</summary>
    private sealed class CountingNetwork() : DelegatingHandler(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false })
    {
        private readonly Lock _lock = new();

        public long LargestAnswer { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            var content = new StreamContent(new CountedStream(await response.Content.ReadAsStreamAsync(cancellationToken), Tell));
            foreach (var header in response.Content.Headers.NonValidated)
                content.Headers.TryAddWithoutValidation(header.Key, header.Value);
            response.Content = content;
            return response;
        }

        private void Tell(long length)
        {
            lock (_lock)
                LargestAnswer = Math.Max(LargestAnswer, length);
        }
    }

    private sealed class CountedStream(Stream inner, Action<long> told) : OnePassStream
    {
        private long _read;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer) => Counted(inner.Read(buffer));

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Counted(await inner.ReadAsync(buffer, cancellationToken));

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }

        private int Counted(int count)
        {
            told(_read += count);
            return count;
        }
    }
}

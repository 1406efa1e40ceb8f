using Containerize.Building;
using Containerize.Caches;
using Containerize.Files;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class BaseFileReaderTests : IDisposable
{
    private static readonly TarItem[] Second = [TarItem.Directory("tmp", 700), TarItem.Whiteout("usr/lib/libc.so.6")];
    private readonly SampleApp _app = new();
    private readonly TempFolder _folder = new();

    public void Dispose()
    {
        _app.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Layers_are_read_once_and_laid_one_over_the_other()
    {
        MemoryLayer[] layers = [new(TestLayer.Of(BaseImages.SmallRoot)), new(TestLayer.Of(Second))];
        var image = MemoryImages.Of(layers[0], layers[1], layers[0]);
        var files = await ReadAsync(image);
        Assert.Equal("usr/bin/sh", files.Find("bin/sh")!.Path);
        // The third is the first again, over the second.
        Assert.Equal(0b001_111_111_111, files.Find("tmp")!.Entry.Mode);
        Assert.NotNull(files.Find("lib/libc.so.6"));
        Assert.Equal([1, 1], layers.Select(layer => layer.Opened));

        Assert.Null((await ReadAsync(MemoryImages.Of(layers[0], layers[1]))).Find("lib/libc.so.6"));
        Assert.Equal([1, 1], layers.Select(layer => layer.Opened));
    }

    /// <summary>Each layer may be as large as an image; all of them together, too, and no more.</summary>
    [Fact]
    public async Task The_layers_of_an_image_share_what_it_may_hold()
    {
        MemoryLayer[] layers = [new(TestLayer.Of(BaseImages.SmallRoot)), new(TestLayer.Of(Second))];
        var cache = Kept.Contents(_folder["cache"], _folder["own"], TimeProvider.System);
        foreach (var layer in layers)
            await cache.AddAsync(
                layer.Descriptor.Digest,
                new FileList(
                    [.. Enumerable.Repeat(new ContentEntry("x", ContentKind.File, 0, 0, 0), (Limits.EntriesOfImage / 2) + 1)]),
                default);
        await Failing.WithAsync(
            ErrorCodes.BaseContentInvalid, () => ReadAsync(MemoryImages.Of(layers)), "more files than an image can sensibly have");
        Assert.NotNull((await ReadAsync(MemoryImages.Of(layers[0], layers[0]))).Find("x"));
    }

    [Fact]
    public async Task What_many_want_to_know_at_once_is_read_once()
    {
        var layer = new MemoryLayer(TestLayer.Of(BaseImages.SmallRoot));
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReadAsync(MemoryImages.Of(layer)))));
        Assert.Equal(1, layer.Opened);
    }

    [Fact]
    public async Task A_damaged_file_of_the_cache_is_read_from_its_layer_again()
    {
        var layer = new MemoryLayer(TestLayer.Of(BaseImages.SmallRoot));
        await ReadAsync(MemoryImages.Of(layer));
        File.WriteAllText(Assert.Single(Directory.GetFiles(_folder["cache"])), "damaged");
        Assert.NotNull((await ReadAsync(MemoryImages.Of(layer))).Find("bin/sh"));
        await ReadAsync(MemoryImages.Of(layer));
        Assert.Equal(2, layer.Opened);
    }

    [Fact]
    public async Task Of_many_layers_no_more_than_four_are_read_at_once()
    {
        var (open, most) = (0, 0);
        var layers = Enumerable.Range(0, 20).Select(i =>
        {
            var layer = TestLayer.Of(TarItem.File($"{i}", $"{i}"));
            return (ILayer)new MemoryLayer(
                new Descriptor(MediaTypes.OciLayerGzip, Digest.Parse(layer.Digest), layer.Gzip.Length),
                Digest.Parse(layer.DiffId),
                () => new Watched(
                    layer.Gzip, () => most = Math.Max(most, Interlocked.Increment(ref open)), () => Interlocked.Decrement(ref open)));
        });
        var files = await ReadAsync(MemoryImages.Of([.. layers]));
        Assert.Equal(20, files.Names("").Count());
        Assert.InRange(most, 1, 4);
        Assert.Equal(0, open);
    }

    [Fact]
    public async Task A_layer_that_is_not_what_its_digest_says_is_damaged_and_not_kept()
    {
        var layer = TestLayer.Of(BaseImages.SmallRoot);
        var descriptor = new Descriptor(MediaTypes.OciLayerGzip, Digest.Of([1]), layer.Gzip.Length);
        var other = new MemoryLayer(
            descriptor,
            Digest.Parse(layer.DiffId),
            () => new VerifyingStream(new MemoryStream(layer.Gzip), descriptor.Digest, descriptor.Size, "The blob"));
        await Failing.WithAsync(
            ErrorCodes.BaseContentInvalid, () => ReadAsync(MemoryImages.Of(other)), "'example.invalid/base'", layer.Digest);
        Assert.Empty(Directory.GetFiles(Path.Combine(_folder.Path, "cache")));

        var noTar = new MemoryLayer(descriptor, Digest.Parse(layer.DiffId), () => new MemoryStream(new byte[600]));
        await Failing.WithAsync(ErrorCodes.BaseContentInvalid, () => ReadAsync(MemoryImages.Of(noTar)), "tar");
    }

    [Fact]
    public async Task A_layer_of_an_unknown_type_is_told_before_any_is_read()
    {
        var known = new MemoryLayer(TestLayer.Of(BaseImages.SmallRoot));
        var encrypted = new MemoryLayer(TestLayer.Of(Second), MediaTypes.OciLayerGzip + "+encrypted");
        await Failing.WithAsync(
            ErrorCodes.BaseLayerUnreadable, () => ReadAsync(MemoryImages.Of(known, encrypted)),
            "'example.invalid/base'", encrypted.Descriptor.Digest.ToString(), "+encrypted", "ContainerWorkingDirectory");
        Assert.Equal(0, known.Opened);
    }

    [Fact]
    public async Task The_registrys_failures_are_those_of_the_base()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var pushed = BaseImages.PushImage(registry, "base", "1");
        var plan = _app.Plan($"{registry.Host}/base:1");
        var image = await new BaseResolver(client).ResolveAsync(plan, default);

        registry.Faults.Add("GET", "/v2/base/blobs/", 1, Fault.Status(403));
        await Failing.WithAsync(ErrorCodes.BaseAccessDenied, () => Contents().ReadAsync(plan, image, default), $"'{registry.Host}/base:1'");
        registry.Faults.Clear();
        registry.ClearRequests();
        Assert.NotNull((await Contents().ReadAsync(plan, image, default)).Find("bin/sh"));
        Assert.Equal(
            [$"GET /v2/base/blobs/{pushed.Layers[0].Digest}"],
            registry.Requests.Select(request => $"{request.Method} {request.Path}"));
    }

    [Fact]
    public async Task A_foreign_layer_is_read_where_the_registry_has_it()
    {
        await using var registry = await TestRegistry.StartAsync();
        using var client = Clients.Anonymous();
        var plan = _app.Plan($"{registry.Host}/base:1");
        var layer = TestLayer.Of(BaseImages.SmallRoot);
        var foreign = new BaseResolver(client)
            .LayerOf(
                plan,
                new Descriptor(MediaTypes.DockerForeignLayerGzip, Digest.Parse(layer.Digest), layer.Gzip.Length),
                Digest.Parse(layer.DiffId));
        await Failing.WithAsync(
            ErrorCodes.BaseLayerUnreadable, () => Contents().ReadAsync(plan, MemoryImages.Of(foreign), default), layer.Digest, "outside");
        registry.PutBlob("base", layer.Gzip);
        Assert.NotNull((await Contents().ReadAsync(plan, MemoryImages.Of(foreign), default)).Find("bin/sh"));
    }

    [Fact]
    public async Task A_base_without_layers_has_no_files() =>
        Assert.Empty((await ReadAsync(ScratchSource.ImageFor(_app.Plan("scratch").Platform))).Names(""));

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => Contents().ReadAsync(
                _app.Plan("example.invalid/base"), MemoryImages.Of(new MemoryLayer(TestLayer.Of(Second))), cancelled.Token));
    }

    private BaseFileReader Contents() =>
        new(Kept.Contents(Path.Combine(_folder.Path, "cache"), Path.Combine(_folder.Path, "own"), TimeProvider.System));

    private Task<ImageTree> ReadAsync(Image image) => Contents().ReadAsync(_app.Plan("example.invalid/base"), image, default);

    private sealed class Watched : MemoryStream
    {
        private readonly Action _closed;

        public Watched(byte[] bytes, Action opened, Action closed)
            : base(bytes)
        {
            _closed = closed;
            opened();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Yield();
            return await base.ReadAsync(buffer, cancellationToken);
        }

        protected override void Dispose(bool disposing)
        {
            _closed();
            base.Dispose(disposing);
        }
    }
}

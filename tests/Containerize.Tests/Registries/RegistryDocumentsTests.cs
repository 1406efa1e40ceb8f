using Containerize.Caches;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>Documents are asked for once, by every process of a user: a digest means the same bytes for ever.</summary>
public sealed class RegistryDocumentsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_manifest_and_a_config_are_asked_for_once_by_digest_and_a_tag_each_time()
    {
        await using var registry = await TestRegistry.StartAsync();
        var config = registry.PutBlob("app", "{}"u8);
        registry.PutManifest("app", "1", Harness.Index.MediaType, Harness.Index.Content.Span);
        var digest = Harness.Index.Descriptor.Digest.ToString();
        for (var process = 0; process < 2; process++)
        {
            using var client = Client();
            var repository = client.Repository(registry.Host, "app");
            Assert.Equal(Harness.Index.Descriptor, (await repository.GetManifestAsync("1", default))!.Descriptor);
            var document = await repository.GetManifestAsync(digest, default);
            Assert.Equal((Harness.Index.MediaType, Harness.Index.Descriptor), (document!.MediaType, document.Descriptor));
            Assert.Equal(
                "{}"u8.ToArray(),
                (await repository.GetDocumentAsync(Descriptor.Of(MediaTypes.OciConfig, "{}"u8), default)).Content.ToArray());
        }

        Assert.Equal(
            ["GET /v2/app/manifests/1 → 200", $"GET /v2/app/manifests/{digest} → "
                + "200", $"GET /v2/app/blobs/{config} → 200", "GET /v2/app/manifests/1 → 200"],
            registry.Requests.Select(request => request.Summary));
    }

    [Fact]
    public async Task Whether_something_is_there_is_asked_each_time()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutManifest("app", "1", Harness.Index.MediaType, Harness.Index.Content.Span);
        using var client = Client();
        await client.Repository(registry.Host, "app").GetManifestAsync(Harness.Index.Descriptor.Digest.ToString(), default);
        registry.CreateRepository("other");
        Assert.Null(await client.Repository(registry.Host, "other").HeadManifestAsync(Harness.Index.Descriptor.Digest.ToString(), default));
    }

    [Fact]
    public async Task What_is_damaged_is_asked_for_again()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.PutBlob("app", "{}"u8);
        for (var time = 0; time < 2; time++)
        {
            using var client = Client();
            var document = await client.Repository(registry.Host, "app")
                .GetDocumentAsync(Descriptor.Of(MediaTypes.OciConfig, "{}"u8), default);
            Assert.Equal("{}"u8.ToArray(), document.Content.ToArray());
            await File.WriteAllTextAsync(Assert.Single(Directory.GetFiles(_folder.Path)), "[]");
        }

        Assert.Equal(2, registry.Requests.Count);
    }

    [Fact]
    public async Task What_was_not_used_for_long_goes_and_others_files_stay()
    {
        var documents = new RegistryDocuments(_folder.Path, TimeProvider.System);
        var mine = _folder.Write("notes.txt", "mine");
        await documents.AddAsync(Digest.Of("old"u8), "old"u8.ToArray(), default);
        File.SetLastAccessTimeUtc(Path.Combine(_folder.Path, Digest.Of("old"u8).Hex), DateTime.UtcNow.AddDays(-91));
        File.SetLastAccessTimeUtc(mine, DateTime.UtcNow.AddDays(-91));
        await documents.AddAsync(Digest.Of("new"u8), "new"u8.ToArray(), default);
        Assert.Null(documents.Find(Digest.Of("old"u8)));
        Assert.Equal("new"u8.ToArray(), documents.Find(Digest.Of("new"u8)));
        Assert.True(File.Exists(mine));
    }

    private RegistryClient Client() => new(new RegistryClientOptions
    {
        Environment = new EmptyEnvironment(),
        Processes = new ScriptedProcesses(),
        Documents = new RegistryDocuments(_folder.Path, TimeProvider.System),
    });
}

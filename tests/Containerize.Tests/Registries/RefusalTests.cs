using Containerize.Images;
using Containerize.Registries;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Faults;
using Containerize.Tests.Building;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>What registries say when they do not take a push, as they say it, and the sentence that the user gets.</summary>
public sealed class RefusalTests
{
    // Who says so; of which request; status and body; the reason; and what the user is told to do.
    public static TheoryData<string, string, int, string, RefusalReason, string> Answers => new()
    {
        { "Amazon ECR", "POST", 404, """{"errors":[{"code":"NAME_UNKNOWN","message":"The repository with name 'app' does not exist in the registry with id '123456789012'"}]}""", RefusalReason.RepositoryMissing, "aws ecr create-repository --repository-name app" },
        { "Harbor", "POST", 404, """{"errors":[{"code":"NOT_FOUND","message":"project app not found"}]}""", RefusalReason.RepositoryMissing, "create the repository 'app' there" },
        { "Amazon ECR", "manifest", 400, """{"errors":[{"code":"TAG_INVALID","message":"The image tag '1' already exists in the 'app' repository and cannot be overwritten because the tag is immutable."}]}""", RefusalReason.TagImmutable, "Publish under another tag" },
        { "Harbor", "manifest", 412, """{"errors":[{"code":"PRECONDITION","message":"Failed to process request due to 'app:1' configured as immutable."}]}""", RefusalReason.TagImmutable, "raise the version" },
        { "Harbor", "PUT", 403, """{"errors":[{"code":"DENIED","message":"adding 5.1 MiB of storage resource, which when updated to current usage of 99 MiB will exceed the configured upper limit of 100.0 MiB."}]}""", RefusalReason.QuotaExceeded, "have the quota raised" },
        { "Quay", "POST", 403, """{"errors":[{"code":"DENIED","message":"Quota has been exceeded on namespace"}]}""", RefusalReason.QuotaExceeded, "Delete unused images" },
        { "a full disk", "PUT", 507, "", RefusalReason.QuotaExceeded, "storage quota is exceeded" },
        { "a cache of registry 2", "POST", 405, """{"errors":[{"code":"UNSUPPORTED","message":"The operation is unsupported."}]}""", RefusalReason.ReadOnly, "read-only at the moment" },
        { "registry 2, read-only", "POST", 405, "Method not allowed", RefusalReason.ReadOnly, "read-only at the moment" },
        { "Harbor", "POST", 403, """{"errors":[{"code":"DENIED","message":"the system is in read only mode. Any modification is prohibited."}]}""", RefusalReason.ReadOnly, "Try later" },
        { "Quay", "manifest", 405, """{"errors":[{"code":"READONLY","message":"System is currently read-only. Pulls will succeed but all write operations are currently suspended."}]}""", RefusalReason.ReadOnly, "push to another one" },
        { "registry 2", "manifest", 400, """{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN","message":"blob unknown to registry","detail":"sha256:1"}]}""", RefusalReason.PartMissing, "delete the image of this tag there" },
        { "nginx", "PUT", 413, "<html>413 Request Entity Too Large</html>", RefusalReason.TooLarge, "client_max_body_size" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Each_has_its_reason_and_its_sentence(
        string who, string request, int status, string body, RefusalReason reason, string remedy)
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add(
            request == "manifest" ? "PUT" : request,
            request == "manifest" ? "/manifests/" : "/uploads/",
            FaultScript.Always,
            Fault.Status(status, body));
        using var harness = new Harness();

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("x")), registry.Host, "app", "1"));

        Assert.True(reason == e.Reason, $"{who}: {e.Message}");
        var told = Containerize.Stores.Registry.RegistryErrors.OnPush(e, $"{registry.Host}/app:1");
        Assert.Equal(ErrorCodes.PushFailed, told.Code);
        Assert.Contains(remedy, told.Message, StringComparison.Ordinal);
        Assert.StartsWith(
            $"The image could not be pushed to '{registry.Host}/app:1'. The registry '{registry.Host}' was asked for ",
            told.Message,
            StringComparison.Ordinal);
        Assert.Empty(registry.Tags("app"));
    }

    [Fact]
    public async Task A_limit_that_asks_for_hours_says_so_at_once()
    {
        await using var registry = await TestRegistry.StartAsync();
        registry.Faults.Add("POST", "/uploads/", FaultScript.Always, Fault.Status(429, """{"errors":[{"code":"TOOMANYREQUESTS","message":"pull rate limit"}]}""", ("Retry-After", "7200")));
        using var harness = new Harness();

        var e = await Assert.ThrowsAsync<RegistryException>(
            () => Pushes.PushAsync(harness.Client, ImageSet.Of(MemoryImages.Of("x")), registry.Host, "app", "1"));

        Assert.Equal(RefusalReason.RateLimited, e.Reason);
        Assert.Empty(harness.Clock.Skipped);
    }
}

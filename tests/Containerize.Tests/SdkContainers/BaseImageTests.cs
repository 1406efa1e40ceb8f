using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>The .NET SDK's own tables of which base image a project gets.</summary>
public sealed class BaseImageTests
{
    [Theory]
    [InlineData("7.0.100", "v7.0", "7.0")]
    [InlineData("7.0.100-preview.7", "v7.0", "7.0")]
    [InlineData("7.0.100-rc.1", "v7.0", "7.0")]
    [InlineData("8.0.100", "v8.0", "8.0")]
    [InlineData("8.0.100", "v7.0", "7.0")]
    [InlineData("8.0.100-preview.7", "v8.0", "8.0.0-preview.7")]
    [InlineData("8.0.100-preview.7", "v7.0", "7.0")]
    [InlineData("8.0.100-rc.1", "v8.0", "8.0.0-rc.1")]
    [InlineData("8.0.100-rc.1", "v7.0", "7.0")]
    [InlineData("8.0.200", "v8.0", "8.0")]
    [InlineData("8.0.200", "v7.0", "7.0")]
    [InlineData("8.0.200-preview3", "v8.0", "8.0")]
    [InlineData("8.0.200-preview3", "v7.0", "7.0")]
    [InlineData("8.0.100-dev", "v8.0", "8.0-preview")]
    [InlineData("8.0.100-dev", "v7.0", "7.0")]
    [InlineData("8.0.100-ci", "v8.0", "8.0-preview")]
    [InlineData("8.0.100-ci", "v7.0", "7.0")]
    [InlineData("8.0.100-alpha.12345", "v8.0", "8.0-preview")]
    [InlineData("8.0.100-alpha.12345", "v7.0", "7.0")]
    [InlineData("8.0.100-rtm.23551.4", "v8.0", "8.0")]
    [InlineData("8.0.100-servicing.23551.4", "v8.0", "8.0")]
    [InlineData("9.0.100-alpha.12345", "v9.0", "9.0-preview")]
    [InlineData("9.0.100-alpha.12345", "v8.0", "8.0")]
    [InlineData("9.0.100-alpha.12345", "v7.0", "7.0")]
    public void The_version_follows_sdk_and_framework(string sdk, string framework, string tag) =>
        Assert.Equal("mcr.microsoft.com/dotnet/runtime:" + tag, BaseImageInference.Infer(Facts(sdk, framework)));

    [Theory]
    [InlineData("8.0.100", "v8.0", "jammy-chiseled", "8.0-jammy-chiseled-extra")]
    [InlineData("8.0.100", "v7.0", "jammy-chiseled", "7.0-jammy-chiseled")]
    [InlineData("8.0.100-preview.7", "v8.0", "jammy-chiseled", "8.0.0-preview.7-jammy-chiseled")]
    [InlineData("8.0.100-preview.7", "v7.0", "jammy-chiseled", "7.0-jammy-chiseled")]
    [InlineData("8.0.100-rc.1", "v8.0", "jammy-chiseled", "8.0.0-rc.1-jammy-chiseled")]
    [InlineData("8.0.100-rc.1", "v7.0", "jammy-chiseled", "7.0-jammy-chiseled")]
    [InlineData("8.0.200", "v8.0", "jammy-chiseled", "8.0-jammy-chiseled-extra")]
    [InlineData("8.0.200", "v7.0", "jammy-chiseled", "7.0-jammy-chiseled")]
    [InlineData("8.0.200-preview3", "v8.0", "jammy-chiseled", "8.0-jammy-chiseled")]
    [InlineData("8.0.200-preview3", "v7.0", "jammy-chiseled", "7.0-jammy-chiseled")]
    [InlineData("10.0.100", "v10.0", "noble-chiseled", "10.0-noble-chiseled-extra")]
    public void A_family_is_the_suffix(string sdk, string framework, string family, string tag) =>
        Assert.Equal("mcr.microsoft.com/dotnet/runtime:" + tag, BaseImageInference.Infer(Facts(sdk, framework) with { Family = family }));

    [Fact]
    public void A_chiseled_family_has_no_extras_where_the_application_does_without() => Assert.Equal(
        "mcr.microsoft.com/dotnet/runtime:8.0-jammy-chiseled",
        BaseImageInference.Infer(Facts("8.0.100", "v8.0") with { Family = "jammy-chiseled", UsesInvariantGlobalization = true }));

    // Runtime identifier | native AOT or trimmed | invariant → image. Native AOT and trimming are asked for one after the other.
    [Theory]
    [InlineData("8.0.300", "linux-musl-x64", true, false, "8.0-alpine-extra")]
    [InlineData("8.0.300", "linux-musl-x64", true, true, "8.0-alpine")]
    [InlineData("8.0.300", "linux-musl-x64", false, false, "8.0-alpine")]
    [InlineData("8.0.300", "linux-musl-x64", false, true, "8.0-alpine")]
    [InlineData("8.0.300", "linux-x64", true, false, "8.0-noble-chiseled-extra")]
    [InlineData("8.0.300", "linux-x64", true, true, "8.0-noble-chiseled")]
    [InlineData("8.0.300", "linux-x64", false, false, "8.0")]
    [InlineData("8.0.300", "linux-x64", false, true, "8.0")]
    [InlineData("8.0.100", "linux-x64", true, true, "8.0-jammy-chiseled")]
    [InlineData("8.0.100", "linux-x64", true, false, "8.0-jammy-chiseled-extra")]
    public void Small_applications_get_small_images(string sdk, string runtimeIdentifier, bool small, bool invariant, string tag)
    {
        var facts = Facts(sdk, "v8.0", runtimeIdentifier) with { IsSelfContained = true, UsesInvariantGlobalization = invariant };

        Assert.Equal("mcr.microsoft.com/dotnet/runtime-deps:" + tag, BaseImageInference.Infer(facts with { IsAot = small }));
        Assert.Equal("mcr.microsoft.com/dotnet/runtime-deps:" + tag, BaseImageInference.Infer(facts with { IsTrimmed = small }));
    }

    [Theory]
    [InlineData("linux-x64", "7.0")]
    [InlineData("linux-musl-x64", "7.0-alpine")]
    public void Before_8_native_aot_has_no_images_of_its_own(string runtimeIdentifier, string tag) => Assert.Equal(
        "mcr.microsoft.com/dotnet/runtime-deps:" + tag,
        BaseImageInference.Infer(Facts("8.0.300", "v7.0", runtimeIdentifier) with { IsAot = true, IsSelfContained = true }));

    [Fact]
    public void Who_refers_to_AspNetCore_gets_its_image() => Assert.Equal(
        "mcr.microsoft.com/dotnet/aspnet:8.0",
        BaseImageInference.Infer(Facts("8.0.100", "v8.0") with { UsesAspNetCore = true }));

    [Fact]
    public void Musl_and_glibc_share_no_image() => Failing.With(
        ErrorCodes.BaseImageInvalid,
        () => BaseImageInference.Infer(Facts("8.0.100", "v8.0", "linux-musl-x64", "linux-arm64")),
        "linux-musl-x64;linux-arm64");

    private static BaseImageFacts Facts(string sdk, string framework, params string[] runtimeIdentifiers) => new()
    {
        SdkVersion = sdk,
        TargetFrameworkVersion = framework,
        RuntimeIdentifiers = runtimeIdentifiers.Length == 0 ? ["linux-x64"] : runtimeIdentifiers,
    };
}

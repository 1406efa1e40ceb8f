using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class BaseImageInferenceTests
{
    // The .NET SDK's own tables are in SdkContainers/BaseImageTests.
    [Theory]
    [InlineData("8.0.100-preview.7.23376.3", "v8.0", "8.0.0-preview.7")]
    [InlineData("8.0.100-rc.2.23502.2", "v8.0", "8.0.0-rc.2")]
    [InlineData("10.0.401", "10.0", "10.0")]
    [InlineData("10.0.401", "V9.0", "9.0")]
    [InlineData("10.0.100-rc.2.25502.107", "10.0", "10.0.0-rc.2")]
    [InlineData("11.0.100-preview.3.26201.1", "10.0", "10.0")]
    public void The_version_follows_sdk_and_framework(string sdk, string framework, string tag) =>
        Assert.Equal("mcr.microsoft.com/dotnet/runtime:" + tag, BaseImageInference.Infer(Facts(sdk, framework)));

    [Theory]
    [InlineData("8.0.200", "8.0", "jammy", "8.0-jammy")]
    [InlineData("10.0.100", "10.0", "alpine", "10.0-alpine")]
    [InlineData("10.0.100", "10.0", "azurelinux3.0-distroless", "10.0-azurelinux3.0-distroless")]
    public void A_family_is_the_suffix(string sdk, string framework, string family, string tag) =>
        Assert.Equal("mcr.microsoft.com/dotnet/runtime:" + tag, BaseImageInference.Infer(Facts(sdk, framework) with { Family = family }));

    [Fact]
    public void Native_aot_and_trimming_together_are_no_more_than_one_of_them()
    {
        var facts = Facts("10.0.401", "10.0") with { IsSelfContained = true, IsAot = true, IsTrimmed = true };
        Assert.Equal("mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled-extra", BaseImageInference.Infer(facts));
    }

    [Theory]
    [InlineData(false, false, "dotnet/runtime")]
    [InlineData(true, false, "dotnet/aspnet")]
    [InlineData(false, true, "dotnet/runtime-deps")]
    [InlineData(true, true, "dotnet/runtime-deps")]
    public void The_repository_follows_what_the_application_brings_along(bool aspNetCore, bool selfContained, string repository)
    {
        var facts = Facts("8.0.100", "8.0") with { UsesAspNetCore = aspNetCore, IsSelfContained = selfContained };
        Assert.Equal($"mcr.microsoft.com/{repository}:8.0", BaseImageInference.Infer(facts));
    }

    [Theory]
    [InlineData("nonsense", "10.0", "nonsense")]
    [InlineData("10.0.100", "nonsense", "nonsense")]
    [InlineData("10.0.100", "", "''")]
    [InlineData("10.0.100-unknown.1", "10.0", "10.0.100-unknown.1")]
    [InlineData("10.0.100-rc", "10.0", "10.0.100-rc")]
    public void What_names_no_image_is_an_error(string sdk, string framework, string mention) => Failing.With(
        ErrorCodes.BaseImageInvalid, () => BaseImageInference.Infer(Facts(sdk, framework)), mention, "ContainerBaseImage");

    [Fact]
    public void Several_identifiers_of_one_kind_share_a_base()
    {
        Assert.Equal(
            "mcr.microsoft.com/dotnet/runtime:8.0-alpine",
            BaseImageInference.Infer(Facts("8.0.100", "8.0", "linux-musl-x64", "linux-musl-arm64")));
        Assert.Equal("mcr.microsoft.com/dotnet/runtime:8.0", BaseImageInference.Infer(Facts("8.0.100", "8.0", "linux-x64", "linux-arm64")));
    }

    [Fact]
    public void A_base_that_the_user_names_is_read()
    {
        Assert.Equal("docker.io/library/ubuntu:24.04", BaseImageName.ParseReference("ubuntu:24.04", out var given).ToString());
        Assert.False(given);
        Assert.Equal("localhost:5000/a", BaseImageName.ParseReference("localhost:5000/a", out given).ToString());
        Assert.True(given);
        Failing.With(ErrorCodes.BaseImageInvalid, () => BaseImageName.ParseReference("Not/Valid", out _), "'Not/Valid'");
    }

    private static BaseImageFacts Facts(string sdk, string framework, params string[] runtimeIdentifiers) => new()
    {
        SdkVersion = sdk,
        TargetFrameworkVersion = framework,
        RuntimeIdentifiers = runtimeIdentifiers.Length == 0 ? ["linux-x64"] : runtimeIdentifiers,
    };
}

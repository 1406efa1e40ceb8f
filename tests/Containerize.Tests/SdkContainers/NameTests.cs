using Containerize.Images;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>Names as the .NET SDK's own tests have them: registries, references, repositories, tags, environment variables.</summary>
public sealed class NameTests
{
    private const string Hash = "sha256:6cec36412a215aad2a033cfe259890482be0a1dcb680e81fccc393b2d4069455";

    [Theory]
    [InlineData("mcr.microsoft.com", true)]
    [InlineData("mcr.microsoft.com:5001", true)]
    [InlineData("docker.io", true)]
    [InlineData("mcr.mi-=crosoft.com", false)]
    [InlineData("mcr.microsoft.com/", false)]
    public void A_registry(string registry, bool valid) => Assert.Equal(valid, ImageReference.IsValidRegistry(registry));

    [Theory]
    [InlineData("mcr.microsoft.com/dotnet/runtime@" + Hash, "mcr.microsoft.com", "dotnet/runtime", null, Hash, true)]
    [InlineData("mcr.microsoft.com/dotnet/runtime:6.0@" + Hash, "mcr.microsoft.com", "dotnet/runtime", "6.0", Hash, true)]
    [InlineData("mcr.microsoft.com/dotnet/runtime:6.0", "mcr.microsoft.com", "dotnet/runtime", "6.0", null, true)]
    [InlineData("mcr.microsoft.com/dotnet/runtime", "mcr.microsoft.com", "dotnet/runtime", null, null, true)]
    [InlineData("mcr.microsoft.com:0/dotnet/runtime", "mcr.microsoft.com:0", "dotnet/runtime", null, null, true)]
    [InlineData("ubuntu:jammy", "docker.io", "library/ubuntu", "jammy", null, false)]
    [InlineData("ubuntu/runtime:jammy", "docker.io", "ubuntu/runtime", "jammy", null, false)]
    [InlineData("docker.io/ubuntu:jammy", "docker.io", "library/ubuntu", "jammy", null, true)]
    [InlineData("docker.io/ubuntu/runtime:jammy", "docker.io", "ubuntu/runtime", "jammy", null, true)]
    [InlineData("localhost/ubuntu:jammy", "localhost", "ubuntu", "jammy", null, true)]
    public void A_reference(string text, string registry, string repository, string? tag, string? digest, bool registryGiven)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out var given));
        Assert.Equal(
            (registry, repository, tag, digest, registryGiven),
            (reference.Registry, reference.Repository, reference.Tag, reference.Digest?.ToString(), given));
    }

    [Theory]
    [InlineData("mcr.microsoft.com/")]
    [InlineData("mcr.microsoft.com:/dotnet/runtime")]
    public void No_reference(string text) => Assert.False(ImageReference.TryParse(text, out _, out _));

    [Theory]
    [InlineData("dotnet/runtime", true)]
    [InlineData("foo/bar", true)]
    [InlineData("registry", true)]
    [InlineData("-foo/bar", false)]
    [InlineData(".foo/bar", false)]
    [InlineData("_foo/bar", false)]
    [InlineData("foo/bar-", false)]
    [InlineData("foo/bar.", false)]
    [InlineData("foo/bar_", false)]
    [InlineData("--------", false)]
    public void An_images_name(string name, bool valid) => Assert.Equal(valid, ImageReference.IsValidRepository(name));

    [Theory]
    [InlineData("dotnet runtime", "dotnet-runtime")]
    [InlineData("API", "api")]
    [InlineData("WebApplication44", "webapplication44")]
    [InlineData("web/app2+7", "web/app2-7")]
    [InlineData("Microsoft.Apps.Demo.ContosoWeb", "microsoft-apps-demo-contosoweb")]
    [InlineData("0aa", "0aa")]
    [InlineData("9zz", "9zz")]
    [InlineData("aa0", "aa0")]
    [InlineData("dotnet_runtime", "dotnet_runtime")]
    [InlineData("dotnet-runtime", "dotnet-runtime")]
    [InlineData("dotnet/runtime", "dotnet/runtime")]
    public void A_repository_is_made_valid(string name, string repository) => Assert.Equal(repository, RepositoryName.Normalize(name));

    [Theory]
    [InlineData("$runtime")]
    [InlineData("-%")]
    [InlineData("*friendly-name")]
    [InlineData("㓳㓴㓵")]
    [InlineData("㓳but-otherwise-valid")]
    public void A_repository_that_starts_with_no_letter_and_no_digit_cannot_be_made_valid(string name) =>
        Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize(name), $"'{name}'", "ContainerRepository");

    [Theory]
    [InlineData("6.0", true)]
    [InlineData("5.2-asd123", true)]
    [InlineData(".6.0", false)]
    [InlineData("-6.0", false)]
    [InlineData("---", false)]
    [InlineData("5 0", false)]
    public void A_tag(string tag, bool valid)
    {
        Assert.Equal(valid, ImageReference.IsValidTag(tag));
        if (valid)
            Assert.Equal([tag], Tags.Parse(tag, null));
        else
            Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse(tag, null), $"'{tag}' is not a valid tag");
    }

    [Fact]
    public void A_tag_has_at_most_128_characters()
    {
        Assert.Single(Tags.Parse(new string('a', 128), null));
        Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse(new string('a', 129), null));
    }

    [Fact]
    public void Tags_with_the_shells_quotes_in_them() =>
        Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse(null, "'latest;oldest'"), "quotes");

    [Fact]
    public void A_tag_and_tags() =>
        Failing.With(ErrorCodes.TagAndTags, () => Tags.Parse("latest", "latest;oldest"), "ContainerImageTag", "ContainerImageTags");

    [Theory]
    [InlineData("FOO", true)]
    [InlineData("foo_bar", true)]
    [InlineData("ASPNETCORE_URLS", true)]
    [InlineData("ASPNETCORE_URLS2", true)]
    [InlineData("foo-bar", false)]
    [InlineData("foo.bar", false)]
    [InlineData("foo bar", false)]
    [InlineData("1_NAME", false)]
    [InlineData("B@dEnv.Var", false)]
    public void An_environment_variables_name(string name, bool valid) => Assert.Equal(valid, EnvironmentNames.IsValid(name));
}

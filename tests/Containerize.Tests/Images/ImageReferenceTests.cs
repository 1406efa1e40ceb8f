using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class ImageReferenceTests
{
    private const string Hash = "sha256:6cec36412a215aad2a033cfe259890482be0a1dcb680e81fccc393b2d4069455";

    // What distribution's grammar decides beside the .NET SDK's own table, which is in SdkContainers/NameTests.
    [Theory]
    [InlineData("ubuntu", "docker.io", "library/ubuntu", null, null, false)]
    [InlineData("index.docker.io/ubuntu", "docker.io", "library/ubuntu", null, null, true)]
    [InlineData("registry-1.docker.io/library/ubuntu", "docker.io", "library/ubuntu", null, null, true)]
    [InlineData("localhost:5000", "docker.io", "library/localhost", "5000", null, false)]
    [InlineData("localhost:5000/app", "localhost:5000", "app", null, null, true)]
    [InlineData("localhost:5000/app:1@" + Hash, "localhost:5000", "app", "1", Hash, true)]
    [InlineData("[::1]:5000/team/app:1", "[::1]:5000", "team/app", "1", null, true)]
    [InlineData("[::1]/app", "[::1]", "app", null, null, true)]
    [InlineData("127.0.0.1:5000/a/b/c/d:x", "127.0.0.1:5000", "a/b/c/d", "x", null, true)]
    [InlineData("Registry/app", "Registry", "app", null, null, true)]
    [InlineData("ghcr.io/a__b/c--d.e_f:_x", "ghcr.io", "a__b/c--d.e_f", "_x", null, true)]
    public void Its_parts_are_told_apart(string text, string registry, string repository, string? tag, string? digest, bool registryGiven)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out var given));
        Assert.Equal(
            (registry, repository, tag, digest, registryGiven),
            (reference.Registry, reference.Repository, reference.Tag, reference.Digest?.ToString(), given));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("mcr.microsoft.com:123456/dotnet/runtime")]
    [InlineData("mcr.mi-=crosoft.com/dotnet/runtime")]
    [InlineData("mcr.microsoft.com//dotnet/runtime")]
    [InlineData("mcr.microsoft.com/dotnet/runtime/")]
    [InlineData("/dotnet/runtime")]
    [InlineData("mcr.microsoft.com/Dotnet/Runtime")]
    [InlineData("mcr.microsoft.com/dotnet/../runtime")]
    [InlineData("mcr.microsoft.com/dotnet runtime:6.0")]
    [InlineData("https://mcr.microsoft.com/dotnet/runtime")]
    [InlineData("ubuntu:")]
    [InlineData("ubuntu:-x")]
    [InlineData("ubuntu:a b")]
    [InlineData("ubuntu:a\n")]
    [InlineData("ubuntu\n")]
    [InlineData("ubuntu@")]
    [InlineData("ubuntu@sha256:6cec")]
    [InlineData("ubuntu@sha512:6cec36412a215aad2a033cfe259890482be0a1dcb680e81fccc393b2d4069455")]
    [InlineData("ubuntu:x@" + Hash + "@" + Hash)]
    [InlineData("@" + Hash)]
    [InlineData(":x")]
    [InlineData("user:password@registry.example/app")]
    [InlineData("a___b/c")]
    [InlineData("ünicode/app")]
    public void Anything_else_is_refused(string? text)
    {
        Assert.False(ImageReference.TryParse(text, out var reference, out _));
        Assert.Null(reference);
    }

    [Theory]
    [InlineData("ubuntu", "docker.io/library/ubuntu", "latest")]
    [InlineData("ubuntu:24.04", "docker.io/library/ubuntu:24.04", "24.04")]
    [InlineData("localhost:5000/app:1@" + Hash, "localhost:5000/app:1@" + Hash, Hash)]
    public void It_is_written_whole_and_a_digest_decides(string text, string whole, string asked)
    {
        Assert.True(ImageReference.TryParse(text, out var reference, out _));
        Assert.Equal(whole, reference.ToString());
        Assert.Equal(asked, reference.TagOrDigest);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("[::1]:5000", true)]
    [InlineData("[fe80::1:2]", true)]
    [InlineData("[::ffff:1.2.3.4]:1", true)]
    [InlineData("[::1:]:5000", false)]
    [InlineData("[::::]", false)]
    [InlineData("[1.2.3.4]", false)]
    [InlineData("10.1.2.3", true)]
    [InlineData("https://mcr.microsoft.com", false)]
    [InlineData("user@mcr.microsoft.com", false)]
    [InlineData("mcr..microsoft.com", false)]
    [InlineData("-mcr.microsoft.com", false)]
    [InlineData("127.0.0.1:65535", true)]
    [InlineData("127.0.0.1:65536", false)]
    [InlineData("127.0.0.1:99999", false)]
    [InlineData("mcr.microsoft.com:", false)]
    [InlineData("mcr.microsoft.com\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_registry_is_a_host_with_or_without_a_port(string? registry, bool valid) =>
        Assert.Equal(valid, ImageReference.IsValidRegistry(registry));

    [Theory]
    [InlineData("foo//bar", false)]
    [InlineData("foo/bar\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_repository_is_a_path_of_lower_case_names(string? repository, bool valid) =>
        Assert.Equal(valid, ImageReference.IsValidRepository(repository));

    [Fact]
    public void A_repository_has_at_most_255_characters()
    {
        Assert.True(ImageReference.IsValidRepository(new string('a', 255)));
        Assert.False(ImageReference.IsValidRepository(new string('a', 256)));
    }

    [Theory]
    [InlineData("_", true)]
    [InlineData("Latest", true)]
    [InlineData("ä", false)]
    [InlineData("a\n", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_tag_starts_with_a_letter_a_digit_or_an_underscore(string? tag, bool valid) =>
        Assert.Equal(valid, ImageReference.IsValidTag(tag));

    [Fact]
    public void A_tag_has_at_most_128_characters()
    {
        Assert.True(ImageReference.IsValidTag(new string('a', 128)));
        Assert.False(ImageReference.IsValidTag(new string('a', 129)));
    }
}

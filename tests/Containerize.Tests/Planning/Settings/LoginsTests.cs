using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class LoginsTests
{
    [Theory]
    [InlineData("u:s3cr3t@host/x:1", "…@host/x:1")]
    [InlineData("https://u:s3cr3t@host/x", "…@host/x")]
    [InlineData("docker-daemon:u:s3cr3t@host/x:1", "…@host/x:1")]
    [InlineData("u:s3@cr3t@host/x@sha256:abc", "…@host/x@sha256:abc")]
    [InlineData("@", "…@")]
    [InlineData("host/x@sha256:abc", "host/x@sha256:abc")]
    [InlineData("host/x:1", "host/x:1")]
    [InlineData("", "")]
    public void What_stands_before_an_at_sign_is_hidden_unless_a_digest_follows(string text, string hidden) =>
        Assert.Equal(hidden, Logins.Hide(text));

    [Theory]
    [InlineData("u:s3cr3t@host/x:1")]
    [InlineData("https://u:s3cr3t@host/x:1")]
    [InlineData("docker.io/u:s3cr3t@x")]
    public void A_base_images_failure_does_not_repeat_a_login(string text) => Assert.DoesNotContain(
        "s3cr3t",
        Failing.With(ErrorCodes.BaseImageInvalid, () => BaseImageName.ParseReference(text, out _)).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_repositorys_name_is_not_made_of_a_login() => Assert.DoesNotContain(
        "s3cr3t",
        Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize("u:s3cr3t@x")).Message,
        StringComparison.Ordinal);
}

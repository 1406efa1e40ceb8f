using Containerize.Images;

namespace Containerize.Tests.SdkContainers;

/// <summary>What the .NET SDK's own tests refuse as a digest: it becomes a part of addresses and of paths.</summary>
public sealed class DigestTests
{
    private static readonly string Hex = new('a', 64);

    public static TheoryData<string> Refused => new()
    {
        "",
        "sha256:",
        @"sha256:../..\xyz",
        Hex,
        "sha256:" + Hex[1..],
        "sha256:" + Hex + "a",
        "sha256:" + Hex.ToUpperInvariant(),
        "md5:" + Hex[..32],
        "sha512:" + Hex + Hex,
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Refuses(string text) => Assert.False(Digest.TryParse(text, out _));

    [Fact]
    public void Takes_the_one_form_that_there_is() => Assert.Equal(Hex, Digest.Parse("sha256:" + Hex).Hex);
}

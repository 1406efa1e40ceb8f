using System.Text;
using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class DigestTests
{
    private const string OfNothing = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    [Fact]
    public void It_is_the_sha256_of_the_bytes()
    {
        Assert.Equal(OfNothing, Digest.Of([]).ToString());
        Assert.Equal("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Digest.Of("abc"u8).ToString());
    }

    [Fact]
    public void What_was_parsed_is_what_is_written()
    {
        Assert.Equal(OfNothing, Digest.Parse(OfNothing).ToString());
        Assert.Equal(OfNothing[7..], Digest.Parse(OfNothing).Hex);
        Assert.Equal(Digest.Of([]), Digest.Parse(OfNothing));
        Assert.NotEqual(Digest.Of("abc"u8), Digest.Parse(OfNothing));
    }

    // Beside what the .NET SDK's own tests refuse (SdkContainers/DigestTests).
    public static TheoryData<string?> Invalid => new()
    {
        null,
        "sha256",
        "sha256:../../../../../../../../../../../../../../../../../../etc/passwd/a",
        OfNothing + "\n",
        " " + OfNothing,
        OfNothing.ToUpperInvariant(),
        "SHA256:" + OfNothing[7..],
        "sha256:" + new string('g', 64),
        "sha256:" + new string('٣', 64), // A digit, but an Arabic one.
        "sha512:" + new string('0', 64),
    };

    [Theory]
    [MemberData(nameof(Invalid))]
    public void Only_64_lower_case_digits_of_sha256_are_one(string? text)
    {
        Assert.False(Digest.TryParse(text, out var digest));
        Assert.Equal(default, digest);
        if (text is not null)
            Assert.Contains(
                "not a sha256 digest", Assert.Throws<FormatException>(() => Digest.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unset_one_cannot_be_used_by_accident() => Assert.Throws<InvalidOperationException>(() => default(Digest).ToString());

    [Fact]
    public void A_hash_becomes_one()
    {
        var hash = System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("abc"));
        Assert.Equal(Digest.Of("abc"u8), Digest.FromHash(hash));
    }

    [Fact]
    public void What_is_none_is_quoted_in_a_form_that_a_terminal_bears()
    {
        var e = Assert.Throws<FormatException>(() => Digest.Parse("sha256:\u001b[2J" + new string('x', 100_000)));
        Assert.StartsWith("'sha256:[2Jxxx", e.Message, StringComparison.Ordinal);
        Assert.InRange(e.Message.Length, 100, 200);
    }
}

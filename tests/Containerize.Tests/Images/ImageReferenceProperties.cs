using System.Globalization;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Images;

/// <summary>What holds for all names of images, and for all texts that are none.</summary>
public sealed class ImageReferenceProperties
{
    private const string Structure = "./:@-_[]";

    private static Gen<string> Word => Gen.String[Gen.Char["abcxyz019"], 1, 5];

    private static Gen<string> Component =>
        Gen.Select(Word, Gen.Select(Gen.OneOf(".", "_", "__", "-", "---"), Word).Array[0, 2])
            .Select((first, rest) => first + string.Concat(rest.Select(part => part.Item1 + part.Item2)));

    private static Gen<string> Repository => Component.Array[1, 4].Select(components => string.Join('/', components));

    // Those that nobody takes for an account of Docker Hub.
    private static Gen<string> Host =>
        Gen.Select(
            Gen.OneOf(
                Gen.OneOf(
                    "localhost", "docker.io", "index.docker.io", "registry-1.docker.io", "[::1]", "[fe80::1:2]", "10.1.2.3", "Registry"),
                Gen.Select(Gen.String[Gen.Char.AlphaNumeric, 1, 5], Word, Word).Select((a, b, c) => $"{a}.{b}-{c}.example")),
            Gen.Int[0, 65535].Nullable())
        .Select((host, port) => port is null ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"));

    private static Gen<string> Tag =>
        Gen.Select(Gen.Char["aZ09_"], Gen.String[Gen.Char["aZ09_.-"], 0, 127]).Select((first, rest) => first + rest);

    private static Gen<Digest> Digest => Gen.Byte.Array[32].Select(hash => Containerize.Images.Digest.FromHash(hash));

    private static Gen<string> Any =>
        Gen.OneOf(
            Anything.Text(Structure),
            Anything.Changed(Gen.Select(Host, Repository, Tag, Digest, Gen.Int[0, 2]).Select((host, repository, tag, digest, form) =>
                $"{host}/{repository}{(form > 0 ? ":" + tag : "")}{(form > 1 ? "@" + digest : "")}"), Structure));

    [Fact]
    public void A_name_that_is_put_together_falls_into_the_same_parts() =>
        Gen.Select(Host, Repository, Tag.Null(), Digest.Nullable()).Holds(parts =>
        {
            var (host, repository, tag, digest) = parts;
            Assert.True(
                ImageReference.TryParse(
                    host + "/" + repository + (tag is null ? "" : ":" + tag) + (digest is null ? "" : "@" + digest),
                    out var reference,
                    out var given));
            Assert.True(given);
            var isDockerHub = host is "docker.io" or "index.docker.io" or "registry-1.docker.io";
            Assert.Equal(
                new ImageReference(
                    isDockerHub ? "docker.io" : host,
                    isDockerHub && !repository.Contains('/') ? "library/" + repository : repository,
                    tag,
                    digest),
                reference);
            AssertPrintsAsItself(reference);
        });

    [Fact]
    public void A_name_without_a_host_is_one_of_docker_hub() =>
        Gen.Select(Word.Where(word => word != "localhost"), Repository, Tag.Null()).Holds(parts =>
        {
            var (account, repository, tag) = parts;
            Assert.True(
                ImageReference.TryParse($"{account}/{repository}{(tag is null ? "" : ":" + tag)}", out var reference, out var given));
            Assert.False(given);
            Assert.Equal(new ImageReference("docker.io", $"{account}/{repository}", tag), reference);
            AssertPrintsAsItself(reference);
        });

    [Fact]
    public void Any_text_is_refused_or_has_a_name_by_the_grammar() => Any.Holds(
        text =>
        {
            if (!ImageReference.TryParse(text, out var reference, out _))
            {
                Assert.Null(reference);
                return;
            }

            Assert.True(IsName(reference.Repository), reference.Repository);
            Assert.True(reference.Tag is null || IsTag(reference.Tag), reference.Tag);
            AssertPrintsAsItself(reference);
        },
        cases: 3000);

    [Fact]
    public void A_registry_that_has_a_name_has_an_address() =>
        Gen.OneOf(Host, Anything.Changed(Host, ".:-[]"), Gen.String[Gen.Char["[]:.af01"], 0, 12].Select(text => $"[{text}]")).Holds(
            text =>
            {
                if (ImageReference.IsValidRegistry(text))
                    Assert.Equal(Uri.UriSchemeHttps, new RegistryHost(text).Address("/v2/").Scheme);
                else
                    Assert.IsType<ArgumentException>(Record.Exception(() => new RegistryHost(text)));
            },
            cases: 2000);

    [Fact]
    public void Any_text_is_a_digest_or_is_refused() =>
        Gen.OneOf(Anything.Changed(Digest.Select(digest => digest.ToString()), ":aF0g"), Anything.Text(":aF0g", 80)).Holds(text =>
        {
            var isDigest = text.StartsWith("sha256:", StringComparison.Ordinal) && text.Length == 71
                && text[7..].All(digit => digit is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
            Assert.Equal(isDigest, Containerize.Images.Digest.TryParse(text, out var digest));
            if (isDigest)
                Assert.Equal(text, Containerize.Images.Digest.FromHash(Convert.FromHexString(digest.Hex)).ToString());
            else
                Assert.Throws<FormatException>(() => Containerize.Images.Digest.Parse(text));
        });

    [Fact]
    public void A_platform_takes_what_is_made_for_it_and_the_other_way_round()
    {
        var platform = Gen.Select(Gen.OneOf("linux", "windows"), Gen.OneOf("arm", "arm64"), Gen.OneOf("v6", "v7", "v8").Null())
            .Select((os, architecture, variant) => new Platform(os, architecture, variant));
        Gen.Select(platform, platform).Holds(pair =>
        {
            var (one, other) = pair;
            Assert.True(one.Accepts(one));
            Assert.True(one.Accepts(one with { Variant = null }));
            Assert.Equal(one.Accepts(other), other.Accepts(one));
            Assert.False(one.Accepts(one with { Variant = one.Variant + "x", Os = one.Variant is null ? "other" : one.Os }));
        });
    }

    [Fact]
    public void Any_runtime_identifier_has_a_platform_of_linux_or_none() =>
        Anything.Changed(Gen.OneOf("linux-x64", "linux-musl-arm64", "linux-bionic-arm64", "win-x86", "alpine.3.20-arm", "any"), "-.").Holds(
            identifier => Assert.Equal("linux", Platform.FromRuntimeIdentifier(identifier)?.Os ?? "linux"));

    private static void AssertPrintsAsItself(ImageReference reference)
    {
        Assert.True(ImageReference.TryParse(reference.ToString(), out var again, out var given), reference.ToString());
        Assert.Equal(reference, again);
        Assert.True(given);
    }

    // distribution-spec, "Pulling manifests": [a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*
    private static bool IsName(string name) => name.Length <= 255 && name.Split('/').All(component =>
    {
        var separators = string.Concat(component.Select(c => IsAlphanumeric(c) ? '/' : c))
            .Split('/', StringSplitOptions.RemoveEmptyEntries);
        return component.Length > 0 && IsAlphanumeric(component[0]) && IsAlphanumeric(component[^1])
            && separators.All(separator => separator is "." or "_" or "__" || separator.All(c => c == '-'));

        static bool IsAlphanumeric(char c) => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
    });

    private static bool IsTag(string tag) => tag.Length is > 0 and <= 128 && tag[0] is not ('.' or '-')
        && tag.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}

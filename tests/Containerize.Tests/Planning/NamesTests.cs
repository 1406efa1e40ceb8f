using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

/// <summary>Names; the .NET SDK's own cases are in SdkContainers/NameTests.</summary>
public sealed class NamesTests
{
    [Theory]
    [InlineData("Team/My.App", "team/my-app")]
    [InlineData("dotnet.runtime", "dotnet.runtime")]
    [InlineData("ghcr.io/org/app", "ghcr.io/org/app")]
    [InlineData("but-㓳-inside", "but---inside")]
    [InlineData("Iıİ1", "i--1")]
    public void A_repository_is_made_valid(string name, string repository) => Assert.Equal(repository, RepositoryName.Normalize(name));

    [Theory]
    [InlineData("")]
    [InlineData(" app")]
    [InlineData("App/")]
    [InlineData("App//x")]
    [InlineData("App!")]
    public void Some_cannot_be_made_valid(string name) =>
        Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize(name), $"'{name}'", "ContainerRepository");

    [Theory]
    [InlineData("app:1.2", null, "becomes 'app-1-2'. Set ContainerRepository to 'app' and ContainerImageTag to '1.2'.")]
    [InlineData("team/app:1.2", "ghcr.io", "becomes 'team/app-1-2'. Set ContainerRepository to 'team/app' and ContainerImageTag to '1.2'.")]
    [InlineData("host:5000/app", null, "becomes 'host-5000/app'. Set ContainerRegistry to 'host:5000' and ContainerRepository to 'app'.")]
    [InlineData(
        "host:5000/app",
        "ghcr.io",
        "becomes 'host-5000/app'. Set ContainerRegistry to 'host:5000' and ContainerRepository to 'app'.")]
    [InlineData(
        "host:5000/app:1.2",
        null,
        "becomes 'host-5000/app-1-2'. Set ContainerRegistry to 'host:5000', ContainerRepository to 'app' and ContainerImageTag to '1.2'.")]
    [InlineData(
        "localhost:5000/team/app",
        "localhost:5000",
        "becomes 'localhost-5000/team/app'. Set ContainerRegistry to 'localhost:5000' and ContainerRepository to 'team/app'.")]
    [InlineData(
        "ghcr.io/Acme/app",
        "",
        "becomes 'ghcr-io/acme/app'. Set ContainerRegistry to 'ghcr.io' and ContainerRepository to 'Acme/app'.")]
    [InlineData(
        "ghcr.io/acme/app:v1",
        "mirror.example.com",
        "becomes 'ghcr-io/acme/app-v1'. Set ContainerRepository to 'ghcr.io/acme/app' and ContainerImageTag to 'v1'.")]
    [InlineData(
        "ghcr.io/acme/app",
        null,
        "begins with a host, but without ContainerRegistry nothing is pushed there. Set ContainerRegistry to 'ghcr.io' and "
            + "ContainerRepository to 'acme/app'.")]
    [InlineData(
        "localhost/app",
        "",
        "begins with a host, but without ContainerRegistry nothing is pushed there. Set ContainerRegistry to 'localhost' and "
            + "ContainerRepository to 'app'.")]
    [InlineData(
        "ghcr.io/acme/app",
        "ghcr.io",
        "begins with ContainerRegistry, which makes 'ghcr.io/ghcr.io/acme/app'. Set ContainerRepository to 'acme/app'.")]
    public void A_registry_or_a_tag_in_the_repository_is_told(string name, string? registry, string told)
    {
        var message = RepositoryName.Misplaced(name, registry, isPlaced: false);
        Assert.Equal($"ContainerRepository '{name}' {told}", message);
        Assert.InRange(message!.Length, 1, 200);
    }

    [Theory]
    [InlineData("app", null)]
    [InlineData("team/app", null)]
    [InlineData("my.app", null)]
    [InlineData("Contoso.Web", null)]
    [InlineData("Contoso.Web/Api", null)]
    [InlineData("team/my.app", null)]
    [InlineData("localhost", null)]
    [InlineData("ghcr.io", null)]
    [InlineData("my app: the best", null)]
    [InlineData("ghcr.io/acme/app", "mirror.example.com")]
    [InlineData("ghcr.io/Acme/app", "mirror.example.com")]
    [InlineData("localhost/app", "localhost:5000")]
    public void Other_names_are_passed_over(string name, string? registry) =>
        Assert.Null(RepositoryName.Misplaced(name, registry, isPlaced: false));

    /// <summary>An engine or a file takes names with a host, to be pushed later; but none with a port or a tag.</summary>
    [Fact]
    public void For_an_engine_or_a_file_a_host_is_a_part_of_the_name()
    {
        Assert.Null(RepositoryName.Misplaced("ghcr.io/acme/app", null, isPlaced: true));
        Assert.NotNull(RepositoryName.Misplaced("ghcr.io/acme/app:1", null, isPlaced: true));
        Assert.NotNull(RepositoryName.Misplaced("host:5000/app", null, isPlaced: true));
    }

    [Theory]
    [InlineData(
        "https://ghcr.io/acme/app",
        "holds 'https://', which no name has. Set ContainerRegistry to 'ghcr.io' and ContainerRepository to 'acme/app'.")]
    [InlineData(
        "docker://host:5000/app:1.2",
        "holds 'docker://', which no name has. Set ContainerRegistry to 'host:5000', ContainerRepository to 'app' and "
            + "ContainerImageTag to '1.2'.")]
    [InlineData(
        "docker://registry/app",
        "holds 'docker://', which no name has. Set ContainerRegistry to 'registry' and ContainerRepository to 'app'.")]
    [InlineData("app@sha256:1234", "holds a digest, which follows from the image. Set ContainerRepository to 'app'.")]
    [InlineData(
        "ghcr.io/acme/app:1@sha256:1234",
        "holds a digest, which follows from the image. Set ContainerRegistry to 'ghcr.io', ContainerRepository to 'acme/app' and "
            + "ContainerImageTag to '1'.")]
    public void A_scheme_or_a_digest_in_the_repository_is_an_error_that_says_where_its_parts_belong(string name, string told)
    {
        var message = Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize(name)).Message;
        Assert.Equal($"ContainerRepository '{name.Replace("1234", "…", StringComparison.Ordinal)}' {told}", message);
        Assert.InRange(message.Length, 1, 200);
    }

    [Theory]
    [InlineData("https://ada:secret@ghcr.io/app")]
    [InlineData("ada:secret@ghcr.io/app")]
    [InlineData("ada:secret@ghcr.io/app@sha256:1234")]
    [InlineData("https://ada:secret@ghcr.io/app@sha256:1234")]
    public void A_login_in_the_repository_is_not_repeated(string name) =>
        Assert.DoesNotContain(
            "secret", Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize(name)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_repository_of_more_than_255_characters_is_refused() =>
        Failing.With(ErrorCodes.RepositoryInvalid, () => RepositoryName.Normalize(new string('A', 256)));

    [Theory]
    [InlineData(null, null, "latest")]
    [InlineData("", "", "latest")]
    [InlineData(null, "1.0;latest", "1.0,latest")]
    [InlineData(null, " 1.0 ; ; latest;1.0 ", "1.0,latest")]
    [InlineData(null, ";", "latest")]
    [InlineData(null, "a;A", "a,A")]
    public void Tags_are_read(string? tag, string? tags, string expected) =>
        Assert.Equal(expected, string.Join(',', Tags.Parse(tag, tags)));

    [Theory]
    [InlineData("a/b", null)]
    [InlineData("a:b", null)]
    [InlineData(null, "good;bad!")]
    public void An_invalid_tag_is_refused(string? tag, string? tags) =>
        Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse(tag, tags), "not a valid tag");

    [Fact]
    public void Quotes_that_the_shell_left_are_explained()
    {
        Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse(null, "'latest;oldest'"), "'-p:ContainerImageTags=\"1.0;latest\"'");
        Assert.DoesNotContain(
            "quotes", Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse("a b", null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tag_and_tags_contradict_each_other() =>
        Failing.With(ErrorCodes.TagAndTags, () => Tags.Parse("1", "2;3"), "ContainerImageTag ('1')", "ContainerImageTags ('2;3')");

    [Theory]
    [InlineData("_", true)]
    [InlineData("Logging__LogLevel__Default", true)]
    [InlineData("A=B", false)]
    [InlineData("FOO\n", false)]
    [InlineData("Ä", false)]
    [InlineData("", false)]
    public void An_environment_variables_name_is_what_shells_take(string name, bool valid) =>
        Assert.Equal(valid, EnvironmentNames.IsValid(name));
}

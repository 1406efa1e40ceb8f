using Containerize.Planning;
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
    public void Tags_are_read(string? tag, string? tags, string expected) => Assert.Equal(expected, string.Join(',', Tags.Parse(tag, tags)));

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
        Assert.DoesNotContain("quotes", Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse("a b", null)).Message, StringComparison.Ordinal);
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
    public void An_environment_variables_name_is_what_shells_take(string name, bool valid) => Assert.Equal(valid, EnvironmentNames.IsValid(name));
}

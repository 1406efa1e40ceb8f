using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class VersionTagsTests
{
    [Theory]
    [InlineData("2.3.1", "2.3.1", "2.3,2,latest,stable")]
    [InlineData("0.3.1", "0.3.1", "0.3,0,latest,stable")]
    [InlineData("2.3.1.4", "2.3.1.4", "2.3,2,latest,stable")]
    [InlineData("2.3.1.0", "2.3.1", "2.3,2,latest,stable")]
    [InlineData("2.3", "2.3.0", "2.3,2,latest,stable")]
    [InlineData("2", "2.0.0", "2.0,2,latest,stable")]
    [InlineData("2026.01.31", "2026.1.31", "2026.1,2026,latest,stable")]
    [InlineData(" 2.3.1 ", "2.3.1", "2.3,2,latest,stable")]
    [InlineData("2.4.0-rc.1", "2.4.0-rc.1", "")]
    [InlineData("2.4.0.1-RC", "2.4.0.1-RC", "")]
    [InlineData("2.4.0-0", "2.4.0-0", "")]
    public void A_release_floats_and_a_prerelease_does_not(string version, string normalized, string floating)
    {
        var tags = VersionTags.Of(TagPolicy.Floating, version)!;
        Assert.Equal((normalized, floating, null), (tags.Version, string.Join(',', tags.Floating), tags.Metadata));

        var alone = VersionTags.Of(TagPolicy.Version, version)!;
        Assert.Equal([normalized], alone.All);
        Assert.Empty(alone.Floating);
    }

    [Theory]
    [InlineData("2.3.1+sha.0a1b", "2.3.1,2.3,2,latest,stable", "sha.0a1b")]
    [InlineData("2.4.0-rc.1+7", "2.4.0-rc.1", "7")]
    public void Build_metadata_is_told_and_left_out(string version, string all, string metadata)
    {
        var tags = VersionTags.Of(TagPolicy.Floating, version)!;
        Assert.Equal((all, metadata), (string.Join(',', tags.All), tags.Metadata));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("v2.3.1")]
    [InlineData("next")]
    [InlineData("2.3.1.4.5")]
    [InlineData("2.3.99999999999")]
    [InlineData("2.3.1-")]
    [InlineData("2.3.1-ä")]
    [InlineData("-2.3.1")]
    [InlineData("2.3.1;2.3")]
    public void What_is_no_version_cannot_be_a_tag(string? version)
    {
        foreach (var policy in new[] { TagPolicy.Version, TagPolicy.Floating })
            Failing.With(
                ErrorCodes.VersionInvalid,
                () => VersionTags.Of(policy, version),
                $"ContainerTagPolicy is '{policy}'",
                $"ContainerVersion is '{version}'",
                "2.4.0-rc.1");
        Assert.Null(VersionTags.Of(TagPolicy.Explicit, version));
    }

    [Fact]
    public void A_version_of_more_than_128_characters_cannot_be_a_tag()
    {
        Assert.Equal(128, VersionTags.Of(TagPolicy.Version, "1.0.0-" + new string('a', 122))!.Version.Length);
        Failing.With(ErrorCodes.VersionInvalid, () => VersionTags.Of(TagPolicy.Version, "1.0.0-" + new string('a', 123)), "at most 128");
    }

    [Theory]
    [InlineData(null, null, "2.3.1,2.3,2,latest,stable")]
    [InlineData("edge", null, "2.3.1,2.3,2,latest,stable,edge")]
    [InlineData(null, "latest; edge;2.3.1", "2.3.1,2.3,2,latest,stable,edge")]
    [InlineData(null, ";", "2.3.1,2.3,2,latest,stable")]
    public void Tags_that_are_named_come_after_those_of_the_version(string? tag, string? tags, string expected) =>
        Assert.Equal(expected, string.Join(',', Tags.Parse(tag, tags, VersionTags.Of(TagPolicy.Floating, "2.3.1"))));

    [Fact]
    public void Without_a_policy_latest_is_the_last_resort_and_with_one_it_is_not()
    {
        Assert.Equal(["latest"], Tags.Parse(null, null, VersionTags.Of(TagPolicy.Explicit, "2.3.1")));
        Assert.Equal(["2.3.1"], Tags.Parse(null, null, VersionTags.Of(TagPolicy.Version, "2.3.1")));
        Assert.Equal(["2.4.0-rc.1"], Tags.Parse(null, "", VersionTags.Of(TagPolicy.Floating, "2.4.0-rc.1")));
        Failing.With(ErrorCodes.TagInvalid, () => Tags.Parse("a b", null, VersionTags.Of(TagPolicy.Version, "2.3.1")), "'a b'");
        Failing.With(ErrorCodes.TagAndTags, () => Tags.Parse("a", "b", VersionTags.Of(TagPolicy.Version, "2.3.1")));
    }

    [Theory]
    [InlineData("floating", TagPolicy.Floating)]
    [InlineData("VERSION", TagPolicy.Version)]
    [InlineData(" Explicit ", TagPolicy.Explicit)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void A_policy_is_read_in_any_case(string? value, TagPolicy? policy) =>
        Assert.Equal(policy, EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", value));

    [Theory]
    [InlineData("1")]
    [InlineData("SemVer")]
    [InlineData("Version,Floating")]
    public void An_unknown_one_is_refused(string value) => Failing.With(
        ErrorCodes.PropertyValueUnknown,
        () => EnumeratedProperty.Parse<TagPolicy>("ContainerTagPolicy", value),
        $"ContainerTagPolicy is '{value}'. Set it to 'Explicit', 'Version' or 'Floating', or remove it.");

    [Theory]
    [InlineData("true", true)]
    [InlineData(" True", true)]
    [InlineData("false", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void A_switch_is_read(string? value, bool expected) =>
        Assert.Equal(expected, EnumeratedProperty.ParseSwitch("ContainerImmutableTags", value));

    [Fact]
    public void A_switch_is_on_or_off() => Failing.With(
        ErrorCodes.PropertyValueUnknown,
        () => EnumeratedProperty.ParseSwitch("ContainerImmutableTags", "yes"),
        "ContainerImmutableTags is 'yes'. Set it to 'true' or 'false', or remove it.");
}

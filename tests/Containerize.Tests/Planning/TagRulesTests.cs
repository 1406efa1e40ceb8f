using Containerize.Planning;
using Containerize.Planning.Settings;

namespace Containerize.Tests.Planning;

public sealed class TagRulesTests
{
    [Theory]
    // Nothing there, or nothing higher.
    [InlineData("2.3.1", "", "2.3.1 2.3 2 latest stable", "")]
    [InlineData("2.3.1", "2.3.1 2.3 2 latest stable", "2.3.1 2.3 2 latest stable", "")]
    [InlineData("2.3.1", "2.3.0 2.2.9 1.9.9 0.0.1", "2.3.1 2.3 2 latest stable", "")]
    // Higher releases, near and far.
    [InlineData("2.3.1", "2.3.2", "2.3.1", "2.3<2.3.2 2<2.3.2 latest<2.3.2 stable<2.3.2")]
    [InlineData("2.2.9", "2.3.1", "2.2.9 2.2", "2<2.3.1 latest<2.3.1 stable<2.3.1")]
    [InlineData("2.9.0", "3.0.0", "2.9.0 2.9 2", "latest<3.0.0 stable<3.0.0")]
    [InlineData("2.2.9", "2.2.8 2.2.10 2.10.0 2.9.0 10.0.0 9.0.0", "2.2.9", "2.2<2.2.10 2<2.10.0 latest<10.0.0 stable<10.0.0")]
    // Numbers, not text.
    [InlineData("2.10.0", "2.9.9", "2.10.0 2.10 2 latest stable", "")]
    [InlineData("2.1.0", "2.10.5", "2.1.0 2.1", "2<2.10.5 latest<2.10.5 stable<2.10.5")]
    [InlineData("1.0.0", "10.0.0", "1.0.0 1.0 1", "latest<10.0.0 stable<10.0.0")]
    // What is no whole release says nothing.
    [InlineData("2.3.1", "3.0.0-rc.1 2.3.2-beta 9.0.0-0", "2.3.1 2.3 2 latest stable", "")]
    [InlineData("2.3.1", "3 3.0 2.4 latest stable edge", "2.3.1 2.3 2 latest stable", "")]
    [InlineData(
        "2.3.1",
        "20260131120000 20260131 v3.0.0 3.0.x 3.0.0.0.1 3.0.0_1 9.9.99999999999 3.0.0-alpine sha256-9.9.9",
        "2.3.1 2.3 2 latest stable",
        "")]
    // Four parts.
    [InlineData("2.3.1.4", "", "2.3.1.4 2.3 2 latest stable", "")]
    [InlineData("2.3.1.4", "2.3.1 2.3.1.3 2.3.0.9", "2.3.1.4 2.3 2 latest stable", "")]
    [InlineData("2.3.1.4", "2.3.1.10", "2.3.1.4", "2.3<2.3.1.10 2<2.3.1.10 latest<2.3.1.10 stable<2.3.1.10")]
    [InlineData("2.3.1.4", "2.3.2 2.4.0.1", "2.3.1.4", "2.3<2.3.2 2<2.4.0.1 latest<2.4.0.1 stable<2.4.0.1")]
    [InlineData("2.3.1", "2.3.1.1", "2.3.1", "2.3<2.3.1.1 2<2.3.1.1 latest<2.3.1.1 stable<2.3.1.1")]
    [InlineData("2.3.1.4", "2.3.10", "2.3.1.4", "2.3<2.3.10 2<2.3.10 latest<2.3.10 stable<2.3.10")]
    // A prerelease has nothing that floats.
    [InlineData("2.4.0-rc.1", "1.0.0 3.0.0", "2.4.0-rc.1", "")]
    [InlineData("2.4.0-rc.1", "", "2.4.0-rc.1", "")]
    public void A_floating_tag_never_moves_backwards(string version, string existing, string moving, string kept)
    {
        var tags = VersionTags.Of(TagPolicy.Floating, version)!;
        var rules = new TagRules { Version = tags.Version, Floating = tags.Floating };
        var decision = rules.Decide([.. tags.All], existing.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(moving, string.Join(' ', decision.Moving));
        Assert.Equal(kept, string.Join(' ', decision.Kept.Select(tag => $"{tag.Tag}<{tag.Because}")));
    }

    [Theory]
    // Tags that are named besides are put whatever is there.
    [InlineData("edge", "3.0.0", "2.3.1 2.3 2 edge", "latest stable")]
    [InlineData("2.1;1.0", "2.1.9 1.0.9", "2.3.1 2.3 2 latest stable 2.1 1.0", "")]
    // The image's own count: another publish of the same must come to the same.
    [InlineData("3.0.0", "", "2.3.1 2.3 2 3.0.0", "latest stable")]
    [InlineData("3.0.0", "3.0.0 2.3.1", "2.3.1 2.3 2 3.0.0", "latest stable")]
    public void Other_tags_are_the_users_business(string named, string existing, string moving, string kept)
    {
        var tags = VersionTags.Of(TagPolicy.Floating, "2.3.1")!;
        var rules = new TagRules { Version = tags.Version, Floating = tags.Floating };
        var decision = rules.Decide(Tags.Parse(null, named, tags), existing.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(moving, string.Join(' ', decision.Moving));
        Assert.Equal(kept, string.Join(' ', decision.Kept.Select(tag => tag.Tag)));
    }

    [Fact]
    public void Whatever_the_order_of_releases_the_highest_ends_up_under_the_floating_names()
    {
        string[] releases = ["1.9.0", "2.0.0", "2.0.1", "2.1.0.3", "10.0.0"];
        foreach (var order in Permutations(releases))
        {
            var registry = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var release in order)
            {
                var tags = VersionTags.Of(TagPolicy.Floating, release)!;
                foreach (var tag in new TagRules { Version = tags.Version, Floating = tags.Floating }.Decide([.. tags.All], registry.Keys).Moving)
                    registry[tag] = release;
            }

            Assert.Equal(
                "1=1.9.0 1.9=1.9.0 1.9.0=1.9.0 10=10.0.0 10.0=10.0.0 10.0.0=10.0.0 2=2.1.0.3 2.0=2.0.1 2.0.0=2.0.0 2.0.1=2.0.1 "
                    + "2.1=2.1.0.3 2.1.0.3=2.1.0.3 latest=10.0.0 stable=10.0.0",
                string.Join(' ', registry.OrderBy(tag => tag.Key, StringComparer.Ordinal).Select(tag => $"{tag.Key}={tag.Value}")));
        }
    }

    [Fact]
    public void Without_a_version_all_tags_move()
    {
        var decision = new TagRules { Immutable = true }.Decide(["latest", "1.0.0"], ["9.0.0", "latest"]);
        Assert.Equal(["latest", "1.0.0"], decision.Moving);
        Assert.Empty(decision.Kept);
    }

    [Theory]
    [InlineData("2.3.1", true)]
    [InlineData("2.3.1.4", true)]
    [InlineData("2.4.0-rc.1", true)]
    [InlineData("2.4.0-alpine", true)]
    [InlineData("2.3", false)]
    [InlineData("2", false)]
    [InlineData("2-rc.1.2.3", false)]
    [InlineData("20260131", false)]
    [InlineData("latest", false)]
    [InlineData("v2.3.1", false)]
    [InlineData("2.3.1.4.5", false)]
    [InlineData("a.b.c", false)]
    [InlineData("2.3.x", false)]
    public void A_version_has_three_numbers_at_least(string tag, bool isVersion) => Assert.Equal(isVersion, TagRules.IsVersion(tag));

    [Fact]
    public void What_floats_is_not_fixed()
    {
        var tags = VersionTags.Of(TagPolicy.Floating, "2.3.1.4")!;
        var rules = new TagRules { Version = tags.Version, Floating = tags.Floating, Immutable = true };
        Assert.Equal(["2.3.1.4", "9.0.0-x"], rules.Fixed([.. tags.All, "9.0.0-x", "edge"]));
    }

    private static IEnumerable<string[]> Permutations(string[] items) => items.Length < 2
        ? [items]
        : items.SelectMany((item, i) => Permutations([.. items[..i], .. items[(i + 1)..]]).Select(rest => (string[])[item, .. rest]));
}

using Containerize.Layers;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class OwnershipTests
{
    [Theory]
    [InlineData(null, 0, 0, null, false)]
    [InlineData("", 0, 0, null, false)]
    [InlineData("0", 0, 0, null, true)]
    [InlineData("1654", 1654, 1654, null, true)]
    [InlineData("1654:0", 1654, 0, null, true)]
    [InlineData("001:2147483647", 1, int.MaxValue, null, true)]
    [InlineData("app", 0, 0, "app", true)]
    [InlineData("app:app", 0, 0, "app:app", true)]
    [InlineData("1654:app", 0, 0, "1654:app", true)]
    [InlineData("app:1654", 0, 0, "app:1654", true)]
    [InlineData("_apt-x.y$", 0, 0, "_apt-x.y$", true)]
    public void An_owner_is_numbers_or_names(string? text, int user, int group, string? names, bool given)
    {
        var owner = Ownership.Parse(text, "It");
        Assert.Equal((user, group, names, given), (owner.UserId, owner.GroupId, owner.Names, owner.IsGiven));

        var entry = owner.GiveTo(LayerEntry.Directory("x"));
        Assert.Equal((user, group, names), (entry.UserId, entry.GroupId, entry.OwnerName));
    }

    [Theory]
    [InlineData(":")]
    [InlineData("app:")]
    [InlineData(":app")]
    [InlineData("a:b:c")]
    [InlineData("2147483648")]
    [InlineData("0:2147483648")]
    [InlineData("99999999999")]
    [InlineData("12x")]
    [InlineData("a b")]
    [InlineData("a\n")]
    [InlineData("home/app")]
    public void What_is_none_is_refused(string text) =>
        Failing.With(
            ErrorCodes.OwnerOrModeInvalid,
            () => Ownership.Parse(text, "The ContainerFile 'x'"),
            "The ContainerFile 'x'",
            $"'{text}'",
            "2147483647",
            "Owner=\"app\"");

    [Theory]
    [InlineData("app")]
    [InlineData("app:app")]
    [InlineData(":app")]
    [InlineData("1654")]
    [InlineData("2147483647:2147483647")]
    [InlineData("4294967295x")]
    [InlineData("DOMAIN\\user")]
    public void A_user_is_taken_as_it_is(string user) => Assert.Equal(user, Ownership.CheckUser(user));

    [Theory]
    [InlineData("a b")]
    [InlineData("a:b:c")]
    [InlineData("2147483648")]
    [InlineData("app:4294967295")]
    [InlineData("99999999999999999999")]
    [InlineData("app\n")]
    [InlineData("app:")]
    public void What_is_no_user_is_refused(string user) =>
        Failing.With(ErrorCodes.OwnerOrModeInvalid, () => Ownership.CheckUser(user), $"ContainerUser is '{user}'", "user:group");

    [Fact]
    public void No_user_is_none()
    {
        Assert.Null(Ownership.CheckUser(null));
        Assert.Null(Ownership.CheckUser(""));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("644", "644")]
    [InlineData("0640", "640")]
    [InlineData("000", "0")]
    [InlineData("1777", "1777")]
    [InlineData("4755", "4755")]
    [InlineData("07777", "7777")]
    [InlineData("0o750", "750")]
    public void A_mode_is_octal(string? text, string? octal)
    {
        var mode = Ownership.ParseMode(text, "It");
        Assert.Equal(octal, mode is { } given ? Convert.ToString(given, 8) : null);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("77")]
    [InlineData("0888")]
    [InlineData("17777")]
    [InlineData("077777")]
    [InlineData("u+x")]
    [InlineData("-644")]
    [InlineData("0x1ff")]
    [InlineData("6 4 4")]
    [InlineData("0o")]
    public void What_is_no_mode_is_refused(string text) =>
        Failing.With(
            ErrorCodes.OwnerOrModeInvalid,
            () => Ownership.ParseMode(text, "The ContainerDirectory '/x'"),
            "The ContainerDirectory '/x'",
            $"'{text}'",
            "Mode=\"0640\"");
}

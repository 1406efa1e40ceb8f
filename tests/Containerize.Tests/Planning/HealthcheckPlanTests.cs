using System.Globalization;
using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class HealthcheckPlanTests
{
    [Theory]
    [InlineData("dotnet|/app/x.dll|--check", false, "CMD|dotnet|/app/x.dll|--check")]
    [InlineData("/app/x", false, "CMD|/app/x")]
    [InlineData("curl -f http://localhost/", true, "CMD-SHELL|curl -f http://localhost/")]
    [InlineData("a|b", true, "CMD-SHELL|a;b")]
    [InlineData("NONE", false, "NONE")]
    [InlineData("none", true, "NONE")]
    public void Words_become_a_test(string words, bool shell, string expected) =>
        Assert.Equal(expected.Split('|'), HealthcheckPlan.TestOf(words.Split('|'), shell));

    [Fact]
    public void NONE_and_nothing_else_is_none()
    {
        Assert.True(new HealthcheckPlan(["NONE"]).IsNone);
        Assert.False(new HealthcheckPlan(["CMD", "NONE"]).IsNone);
    }

    [Theory]
    [InlineData("", "no command")]
    [InlineData(" |x", "no command")]
    [InlineData("CMD|x", "'CMD'")]
    [InlineData("CMD-SHELL|x", "'CMD-SHELL'")]
    [InlineData("NONE|x", "'x' stands beside it")]
    public void What_is_no_command_is_refused(string words, string why) =>
        Failing.With(
            ErrorCodes.HealthcheckInvalid,
            () => HealthcheckPlan.TestOf(words.Length == 0 ? [] : words.Split('|'), false),
            "ContainerHealthcheck",
            why,
            "--healthcheck");

    [Fact]
    public void Of_one_setting_one_thing_is_said()
    {
        Assert.Null(HealthcheckPlan.OneOf("Interval", []));
        Assert.Equal("1s", HealthcheckPlan.OneOf("Interval", ["1s"]));
        Failing.With(
            ErrorCodes.HealthcheckInvalid, () => HealthcheckPlan.OneOf("Interval", ["1s", "2s"]), "Interval: '1s' and '2s'", "Remove=");
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("False", false)]
    [InlineData("TRUE", true)]
    public void A_shell_is_wanted_or_not(string? text, bool expected) => Assert.Equal(expected, HealthcheckPlan.ParseShell(text));

    [Theory]
    [InlineData("maybe")]
    [InlineData("1")]
    [InlineData("/bin/bash")]
    public void What_is_no_answer_is_refused(string text) =>
        Failing.With(ErrorCodes.HealthcheckInvalid, () => HealthcheckPlan.ParseShell(text), $"its Shell '{text}'");

    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData("30s", "00:00:30")]
    [InlineData("1m30s", "00:01:30")]
    [InlineData("1h2m3s4ms", "01:02:03.004")]
    [InlineData("500ms", "00:00:00.5")]
    [InlineData("1.5s", "00:00:01.5")]
    [InlineData("0.25h", "00:15:00")]
    [InlineData("90m", "01:30:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("1ms", "00:00:00.001")]
    [InlineData("8760h", "365.00:00:00")]
    [InlineData("00:00:30", "00:00:30")]
    [InlineData("00:00:00.250", "00:00:00.25")]
    public void A_time_is_read(string? text, string? expected) =>
        Assert.Equal(
            expected is null ? null : TimeSpan.Parse(expected, CultureInfo.InvariantCulture), HealthcheckPlan.ParseTime(text, "Interval"));

    [Theory]
    [InlineData("30", "no time")]
    [InlineData("s", "no time")]
    [InlineData("30 s", "no time")]
    [InlineData("30S", "no time")]
    [InlineData("1s1m", "no time")]
    [InlineData("-5s", "no time")]
    [InlineData("+5s", "no time")]
    [InlineData("1,5s", "no time")]
    [InlineData("5us", "no time")]
    [InlineData("1e3s", "no time")]
    [InlineData("a:b", "no time")]
    [InlineData("0.5ms", "shorter than a millisecond")]
    [InlineData("-00:00:01", "shorter than a millisecond")]
    [InlineData("8761h", "longer than a year")]
    [InlineData("999999h99999999m", "longer than a year")]
    [InlineData("10675199.00:00:00", "longer than a year")]
    public void What_is_no_time_is_refused(string text, string why) =>
        Failing.With(ErrorCodes.HealthcheckInvalid, () => HealthcheckPlan.ParseTime(text, "StartPeriod"), "StartPeriod", $"'{text}'", why);

    [Fact]
    public void Retries_are_a_whole_number()
    {
        Assert.Null(HealthcheckPlan.ParseRetries(null));
        Assert.Null(HealthcheckPlan.ParseRetries(""));
        Assert.Equal(0, HealthcheckPlan.ParseRetries("0"));
        Assert.Equal(5, HealthcheckPlan.ParseRetries("5"));
        foreach (var text in new[] { "-1", "1.5", "three", "3000000000", " 3" })
            Failing.With(ErrorCodes.HealthcheckInvalid, () => HealthcheckPlan.ParseRetries(text), "Retries", $"'{text}'");
    }
}

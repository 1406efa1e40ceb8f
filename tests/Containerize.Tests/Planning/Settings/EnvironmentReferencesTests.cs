using Containerize.Planning.Settings;

namespace Containerize.Tests.Planning.Settings;

public sealed class EnvironmentReferencesTests
{
    private static readonly Dictionary<string, string> Base = new(StringComparer.Ordinal)
    {
        ["PATH"] = "/bin:/usr/bin",
        ["HOME"] = "/root",
        ["EMPTY"] = "",
        ["DOLLAR"] = "a$PATH",
        ["_x1"] = "x",
    };

    [Theory]
    [InlineData("", "")]
    [InlineData("plain", "plain")]
    [InlineData("$PATH", "/bin:/usr/bin")]
    [InlineData("/opt/bin:$PATH", "/opt/bin:/bin:/usr/bin")]
    [InlineData("${PATH}:/opt", "/bin:/usr/bin:/opt")]
    [InlineData("$HOME$HOME/${_x1}y", "/root/root/xy")]
    [InlineData("<$EMPTY>", "<>")]
    [InlineData("$DOLLAR", "a$PATH")]
    [InlineData("\\$PATH", "$PATH")]
    [InlineData("\\${PATH}:$HOME", "${PATH}:/root")]
    // Nothing of the base's: passwords and patterns are left alone.
    [InlineData("$PATHS", "$PATHS")]
    [InlineData("$path", "$path")]
    [InlineData("pa$$word$", "pa$$word$")]
    [InlineData("^a+$", "^a+$")]
    [InlineData("$1.00", "$1.00")]
    [InlineData("$(PATH)", "$(PATH)")]
    [InlineData("${PATH", "${PATH")]
    [InlineData("${PATH:-x}", "${PATH:-x}")]
    [InlineData("${}", "${}")]
    [InlineData("\\$OTHER", "\\$OTHER")]
    [InlineData("\\", "\\")]
    [InlineData("C:\\x", "C:\\x")]
    public void Names_of_the_bases_variables_are_replaced_and_nothing_else(string value, string expected) =>
        Assert.Equal(expected, EnvironmentReferences.Expand(value, Base));
}

using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using CsCheck;

namespace Containerize.Tests.Building;

public sealed class FitLabelTests
{
    private static readonly Digest Inputs = Digest.Of("inputs"u8);
    private static readonly string Hash = Inputs.Hex[..32];

    [Fact]
    public void It_is_short_and_readable()
    {
        Assert.Equal($"1 {Hash}", FitLabel.Write(Inputs, []));
        Assert.Equal(
            $"1 {Hash} CTZ6001=made%20for%20musl CTZ6010=port%2080",
            FitLabel.Write(Inputs, [new("CTZ6001", "made for musl", "A long sentence."), new("CTZ6010", "port 80", "Another.")]));
    }

    [Fact]
    public void What_was_found_is_told_again_whatever_its_words_are() => Gen.String.Array[0, 5].Sample(summaries =>
    {
        var findings = summaries.Select(
            summary => new Finding(ErrorCodes.OfChecks[summary.Length % ErrorCodes.OfChecks.Count], WellFormed(summary), "x")).ToList();
        if (FitLabel.Write(Inputs, findings) is not { } label)
            return;
        Assert.InRange(label.Length, 0, 1000);
        Assert.Equal(
            findings.Select(finding => (finding.Code, finding.Summary)),
            FitLabel.Read(label, Inputs, "base:1")!.Select(finding => (finding.Code, finding.Summary)));
    });

    [Fact]
    public void The_message_says_what_and_what_next()
    {
        var finding = Assert.Single(FitLabel.Read($"1 {Hash} CTZ6005=libicuuc.so%20is%20missing", Inputs, "r.example/base:1")!);
        Assert.Equal(
            "The application does not fit the base image 'r.example/base:1', as an earlier publish found: libicuuc.so is missing. "
            + "Nothing that is checked has changed since. For what to do, see the error's page, or publish with ContainerChecks=Error.",
            finding.Message);
    }

    [Fact]
    public void Too_much_is_no_label() => Assert.Null(FitLabel.Write(Inputs, [new("CTZ6001", new string('x', 1000), "x")]));

    // Whoever may push to the tag may have written it.
    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1 HASHx")]
    [InlineData("2 HASH")]
    [InlineData("HASH")]
    [InlineData("1 HASH CTZ6001")]
    [InlineData("1 HASH CTZ9001=a%20defect")]
    [InlineData("1 HASH ##vso[x]=y")]
    [InlineData("1 HASH  CTZ6001=x")]
    [InlineData("1 HASH LONG")]
    public void Anything_else_is_none(string? label) => Assert.Null(FitLabel.Read(
        label?.Replace("HASH", Hash, StringComparison.Ordinal)
            .Replace("LONG", "CTZ6001=" + new string('x', 1000), StringComparison.Ordinal), Inputs, "base"));

    [Fact]
    public void That_of_other_inputs_is_none() => Assert.Null(FitLabel.Read(FitLabel.Write(Inputs, []), Digest.Of("other"u8), "base"));

    // A lone half of a pair cannot be encoded, and is no text of an image.
    private static string WellFormed(string text) => string.Concat(text.EnumerateRunes());
}

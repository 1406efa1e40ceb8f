using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class SignalsAndAnnotationsTests
{
    [Theory]
    [InlineData(null, null)]
    [InlineData("", null)]
    [InlineData(" ", null)]
    [InlineData("SIGTERM", "SIGTERM")]
    [InlineData("sigint", "SIGINT")]
    [InlineData("Quit", "SIGQUIT")]
    [InlineData(" SIGHUP\n", "SIGHUP")]
    [InlineData("15", "15")]
    [InlineData("009", "9")]
    [InlineData("64", "64")]
    [InlineData("SIGRTMIN", "SIGRTMIN")]
    [InlineData("SIGRTMIN+3", "SIGRTMIN+3")]
    [InlineData("rtmax-14", "SIGRTMAX-14")]
    [InlineData("SIGIO", "SIGIO")]
    public void A_signal_is_a_name_or_a_number(string? text, string? expected) => Assert.Equal(expected, StopSignals.Parse(text));

    [Theory]
    [InlineData("0")]
    [InlineData("65")]
    [InlineData("-9")]
    [InlineData("SIG")]
    [InlineData("SIGEXIT")]
    [InlineData("SIGTERM;SIGKILL")]
    [InlineData("SIG TERM")]
    [InlineData("SIGRTMIN+16")]
    [InlineData("SIGRTMIN+0")]
    [InlineData("SIGRTMAX-15")]
    [InlineData("SIGTERM\nX")]
    public void What_is_no_signal_is_refused(string text) =>
        Failing.With(ErrorCodes.StopSignalInvalid, () => StopSignals.Parse(text), $"ContainerStopSignal is '{text}'", "SIGTERM", "1 to 64");

    [Theory]
    [InlineData(null, AnnotationScope.Manifest)]
    [InlineData("", AnnotationScope.Manifest)]
    [InlineData(" , ;", AnnotationScope.Manifest)]
    [InlineData("Manifest", AnnotationScope.Manifest)]
    [InlineData("index", AnnotationScope.Index)]
    [InlineData("Manifest,Index", AnnotationScope.Manifest | AnnotationScope.Index)]
    [InlineData("INDEX; manifest", AnnotationScope.Manifest | AnnotationScope.Index)]
    public void A_scope_is_the_manifest_the_index_or_both(string? text, AnnotationScope expected) =>
        Assert.Equal(expected, Annotation.ParseScope(text, "x"));

    [Theory]
    [InlineData("Config")]
    [InlineData("1")]
    [InlineData("Manifest,Layer")]
    [InlineData("Manifest Index")]
    public void Another_scope_is_refused(string text) =>
        Failing.With(
            ErrorCodes.AnnotationInvalid,
            () => Annotation.ParseScope(text, "org.acme.team"),
            "'org.acme.team'",
            $"'{text}'",
            "'Manifest,Index'");
}

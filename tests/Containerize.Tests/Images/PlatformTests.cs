using System.Text.Json;
using Containerize.Images;
using Containerize.Testing;

namespace Containerize.Tests.Images;

public sealed class PlatformTests
{
    [Theory]
    [InlineData("linux-x64", "linux/amd64")]
    [InlineData("linux-x86", "linux/386")]
    [InlineData("linux-arm64", "linux/arm64/v8")]
    [InlineData("linux-arm", "linux/arm/v7")]
    [InlineData("linux-armv6", "linux/arm/v6")]
    [InlineData("linux-musl-x64", "linux/amd64")]
    [InlineData("linux-musl-arm64", "linux/arm64/v8")]
    [InlineData("linux-musl-arm", "linux/arm/v7")]
    [InlineData("linux-s390x", "linux/s390x")]
    [InlineData("linux-ppc64le", "linux/ppc64le")]
    [InlineData("linux-riscv64", "linux/riscv64")]
    [InlineData("linux-loongarch64", "linux/loong64")]
    [InlineData("alpine-x64", "linux/amd64")]
    [InlineData("alpine.3.6-arm64", "linux/arm64/v8")]
    [InlineData("debian.12-x64", "linux/amd64")]
    [InlineData("ubuntu.24.04-x64", "linux/amd64")]
    public void A_linux_runtime_identifier_has_one(string runtimeIdentifier, string platform) =>
        Assert.Equal(platform, Platform.FromRuntimeIdentifier(runtimeIdentifier)?.ToString());

    [Theory]
    [InlineData("")]
    [InlineData("any")]
    [InlineData("linux")]
    [InlineData("linux-musl")]
    [InlineData("linux-vax")]
    [InlineData("win-x64")]
    [InlineData("win10-arm64")]
    [InlineData("osx-arm64")]
    [InlineData("osx.13-x64")]
    [InlineData("unix-x64")]
    [InlineData("android-arm64")]
    [InlineData("linux-bionic-arm64")]
    [InlineData("ios-arm64")]
    [InlineData("iossimulator-x64")]
    [InlineData("tvos-arm64")]
    [InlineData("tvossimulator-x64")]
    [InlineData("maccatalyst-x64")]
    [InlineData("freebsd-x64")]
    [InlineData("openbsd-x64")]
    [InlineData("illumos-x64")]
    [InlineData("solaris-x64")]
    [InlineData("haiku-x64")]
    [InlineData("browser-wasm")]
    [InlineData("wasi-wasm")]
    public void Another_one_has_none(string runtimeIdentifier) => Assert.Null(Platform.FromRuntimeIdentifier(runtimeIdentifier));

    /// <summary>Every identifier that the SDK knows: one that is no Linux, or Android's kind of it, must not become an image.</summary>
    [Fact]
    public void It_agrees_with_the_sdk_on_what_is_linux()
    {
        var graph = Path.Combine(DotnetSdk.Current.Directory, "RuntimeIdentifierGraph.json");
        using var document = JsonDocument.Parse(File.ReadAllBytes(graph));
        var imports = document.RootElement.GetProperty("runtimes").EnumerateObject().ToDictionary(
            runtime => runtime.Name,
            runtime => runtime.Value.TryGetProperty("#import", out var import)
                ? import.EnumerateArray().Select(i => i.GetString()!).ToArray()
                : []);
        bool Is(string runtime, string ancestor) => runtime == ancestor || imports[runtime].Any(import => Is(import, ancestor));

        var wrong = imports.Keys.Where(runtime =>
            Platform.FromRuntimeIdentifier(runtime) is not null
            && (!Is(runtime, "linux") || Is(runtime, "android") || Is(runtime, "linux-bionic")));
        Assert.Empty(wrong);
        Assert.True(imports.Count > 500, "The graph was not read.");
    }

    [Theory]
    [InlineData("linux/amd64", "linux/amd64", true)]
    [InlineData("linux/amd64", "linux/arm64", false)]
    [InlineData("linux/amd64", "windows/amd64", false)]
    [InlineData("linux/arm64/v8", "linux/arm64", true)]
    [InlineData("linux/arm64", "linux/arm64/v8", true)]
    [InlineData("linux/arm/v7", "linux/arm/v7", true)]
    [InlineData("linux/arm/v7", "linux/arm/v6", false)]
    [InlineData("linux/arm/v6", "linux/arm/v7", false)]
    [InlineData("linux/arm/v7", "linux/arm", true)]
    public void It_accepts_what_runs_on_it(string wanted, string offered, bool accepted) =>
        Assert.Equal(accepted, Parse(wanted).Accepts(Parse(offered)));

    private static Platform Parse(string text)
    {
        var parts = text.Split('/');
        return new Platform(parts[0], parts[1], parts.ElementAtOrDefault(2));
    }
}

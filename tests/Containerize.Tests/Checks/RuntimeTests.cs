using Containerize.Checks;

namespace Containerize.Tests.Checks;

/// <summary>CTZ6005 to CTZ6009: what the .NET runtime and the framework look for when the application runs.</summary>
public sealed class RuntimeTests
{
    private const string Icu = "usr/lib/x86_64-linux-gnu/libicuuc.so.72";
    private const string OpenSsl = "usr/lib/x86_64-linux-gnu/libssl.so.3";

    [Fact]
    public void An_application_on_a_base_that_is_made_for_it()
    {
        using var debian = TestImage.OnDebian();
        debian.FindsNothing();
        using var alpine = TestImage.OnAlpine();
        alpine.FindsNothing();
    }

    [Fact]
    public void Icu_is_missing()
    {
        using var image = TestImage.OnDebian().Without(Icu);
        Assert.Equal(
            "The application loads ICU when it starts, and no libicuuc.so is in the base image 'registry.example/base:1'. "
                + "Choose a base with ICU (Microsoft's '-extra' tags), or set InvariantGlobalization to 'true' if it needs no cultures.",
            image.Finds(ErrorCodes.IcuMissing));
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(null, "false", true)]
    [InlineData(null, "0", true)]
    [InlineData(null, "1", false)]
    [InlineData(null, "True", false)]
    [InlineData(true, null, false)]
    [InlineData(true, "false", false)]
    [InlineData(false, "1", true)]
    public void The_application_says_whether_it_needs_icu_and_then_the_environment(bool? invariant, string? variable, bool isMissed)
    {
        using var image = TestImage.OnDebian().Without(Icu);
        image.Needs = image.Needs with { InvariantGlobalization = invariant };
        if (variable is not null)
            image.Environment("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", variable);
        Assert.Equal(isMissed ? [ErrorCodes.IcuMissing] : [], image.Check().Select(finding => finding.Code));
    }

    [Fact]
    public void Icu_may_come_from_elsewhere()
    {
        using var brought = TestImage.OnDebian().Without(Icu);
        brought.Needs = brought.Needs with { BringsIcu = true };
        brought.FindsNothing();
        using var beside = TestImage.OnDebian().Without(Icu).Own("app/libicuuc.so.72.1.0.3", ElfBytes.GlibcLibrary);
        beside.FindsNothing();
        using var variable = TestImage.OnDebian().Without(Icu).Environment("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU", "72.1.0.3");
        variable.FindsNothing();
        using var elsewhere = TestImage.OnDebian().Without(Icu).Base("opt/icu/lib/libicuuc.so.72");
        elsewhere.FindsNothing();
        using var unused = TestImage.OnDebian().Without(Icu);
        unused.Needs = unused.Needs with { UsesIcu = false };
        unused.FindsNothing();
    }

    [Fact]
    public void OpenSsl_is_missing()
    {
        using var image = TestImage.OnDebian().Without(OpenSsl);
        Assert.Equal(
            "ASP.NET Core uses TLS or cryptography, for which .NET needs OpenSSL: no libssl.so is in the base image "
                + "'registry.example/base:1'. Choose a base with OpenSSL (all of Microsoft's have it).",
            image.Finds(ErrorCodes.OpenSslMissing));
        image.Needs = image.Needs with { OpenSslUser = null };
        image.FindsNothing();
    }

    [Fact]
    public void Half_of_OpenSsl_is_missing()
    {
        using var image = TestImage.OnDebian().Without("usr/lib/x86_64-linux-gnu/libcrypto.so.3");
        Assert.Contains("no libcrypto.so is in the base image", image.Finds(ErrorCodes.OpenSslMissing), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usr/lib/x86_64-linux-gnu/libssl.so.1.1")]
    [InlineData("usr/lib64/libssl.so.10")]
    [InlineData("opt/ssl/lib/libssl.so.3")]
    public void Any_version_of_OpenSsl_will_do(string path)
    {
        using var image = TestImage.OnDebian().Without(OpenSsl).Base(path);
        image.FindsNothing();
    }

    [Fact]
    public void Time_zones_are_missing()
    {
        using var image = TestImage.OnDebian().Without("usr/share/zoneinfo");
        Assert.Equal(
            "Shop.dll looks up time zones by name, and the base image 'registry.example/base:1' has no files of them in "
                + "/usr/share/zoneinfo: all but UTC will not be found. Choose a base with the package tzdata (of Microsoft's small "
                + "images, those whose tag ends with '-extra').",
            image.Finds(ErrorCodes.TimeZonesMissing));
        image.Needs = image.Needs with { TimeZoneUser = null };
        image.FindsNothing();
    }

    [Fact]
    public void Time_zones_may_lie_where_TZDIR_says()
    {
        using var image = TestImage.OnDebian().Without("usr/share/zoneinfo").Base("usr/share/zoneinfo/").Environment("TZDIR", "/opt/zones");
        Assert.Contains("/opt/zones", image.Finds(ErrorCodes.TimeZonesMissing), StringComparison.Ordinal);
        image.Base("opt/zones/Europe/Berlin");
        image.FindsNothing();
    }

    [Fact]
    public void Certificates_are_missing()
    {
        using var image = TestImage.OnDebian().Without("etc/ssl/certs/ca-certificates.crt");
        Assert.Equal(
            "Shop.dll connects to others over HTTP or TLS, and the base image 'registry.example/base:1' has no certificates of "
                + "authorities: no server will be trusted. Choose a base with ca-certificates, or publish certificates "
                + "and set SSL_CERT_FILE.",
            image.Finds(ErrorCodes.CertificatesMissing));
        image.Needs = image.Needs with { TlsClient = null };
        image.FindsNothing();
    }

    [Theory]
    [InlineData("etc/ssl/certs/0a1b2c3d.0", null, null)]
    [InlineData("etc/ssl/cert.pem", null, null)]
    [InlineData("etc/pki/tls/certs/ca-bundle.crt", null, null)]
    [InlineData("usr/lib/ssl/cert.pem", null, null)]
    [InlineData("app/roots.pem", "SSL_CERT_FILE", "/app/roots.pem")]
    [InlineData("app/roots/one.pem", "SSL_CERT_DIR", "/nowhere:/app/roots")]
    public void Certificates_have_several_places(string path, string? variable, string? value)
    {
        using var image = TestImage.OnDebian().Without("etc/ssl/certs").Own(path, "-----BEGIN CERTIFICATE-----");
        if (variable is not null)
            image.Environment(variable, value!);
        image.FindsNothing();
    }

    [Fact]
    public void A_link_to_certificates_that_are_not_there_is_nothing()
    {
        using var image = TestImage.OnDebian().Without("etc/ssl/certs").Base("etc/ssl/cert.pem -> certs/ca-certificates.crt");
        image.Finds(ErrorCodes.CertificatesMissing);
    }

    [Fact]
    public void There_is_no_dotnet_at_all()
    {
        using var image = TestImage.OnDebian()
            .Without("usr/share/dotnet", "usr/bin/dotnet", Icu, OpenSsl, "etc/ssl/certs", "usr/share/zoneinfo");
        Assert.Equal(
            "The application needs Microsoft.NETCore.App 10.0.0 and Microsoft.AspNetCore.App 10.0.0, and no .NET is in the base "
                + "image 'registry.example/base:1'. Choose a base with it, such as mcr.microsoft.com/dotnet/aspnet:10.0, or publish "
                + "the runtime with the application (--self-contained).",
            image.Finds(ErrorCodes.FrameworkMissing));
    }

    [Fact]
    public void There_is_dotnet_without_the_framework()
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet/shared/Microsoft.AspNetCore.App");
        Assert.Equal(
            "The application needs Microsoft.AspNetCore.App 10.0.0, and the base image 'registry.example/base:1' has "
                + "Microsoft.NETCore.App 10.0.1 only. Choose a base with it, such as mcr.microsoft.com/dotnet/aspnet:10.0, or "
                + "publish the runtime with the application (--self-contained).",
            image.Finds(ErrorCodes.FrameworkMissing));
    }

    [Fact]
    public void There_is_an_older_one()
    {
        using var image = TestImage.OnAlpine().Without("usr/share/dotnet/shared")
            .Framework("Microsoft.NETCore.App", "9.0.11", "8.0.22", "lib");
        image.Needs = image.Needs with { Frameworks = [new("Microsoft.NETCore.App", "10.0.0")] };
        Assert.Equal(
            "The application needs Microsoft.NETCore.App 10.0.0, and the base image 'registry.example/base:1' has "
                + "Microsoft.NETCore.App 8.0.22, 9.0.11, which will not do (roll-forward 'Minor'). "
                + "Choose a base with it, such as mcr.microsoft.com/dotnet/runtime:10.0-alpine, or publish the runtime with the "
                + "application (--self-contained).",
            image.Finds(ErrorCodes.FrameworkMissing));
    }

    [Theory]
    [InlineData("10.0.2", null, null, "10.0.1", false)]
    [InlineData("10.0.0", null, null, "10.0.7", true)]
    [InlineData("10.0.0", null, null, "10.1.0", true)]
    [InlineData("9.0.0", null, null, "10.0.0", false)]
    [InlineData("9.0.0", "Major", null, "10.0.0", true)]
    [InlineData("9.0.0", "major", null, "10.0.0", true)]
    [InlineData("9.0.0", "LatestMajor", null, "10.0.0", true)]
    [InlineData("10.0.0", "LatestMinor", null, "10.2.0", true)]
    [InlineData("10.0.0", "LatestPatch", null, "10.0.4", true)]
    [InlineData("10.0.0", "LatestPatch", null, "10.1.0", false)]
    [InlineData("10.0.0", "Disable", null, "10.0.0", true)]
    [InlineData("10.0.0", "Disable", null, "10.0.1", false)]
    [InlineData("9.0.0", null, "Major", "10.0.0", true)]
    [InlineData("9.0.0", "Major", "LatestPatch", "10.0.0", false)] // The environment goes before the file.
    [InlineData("10.0.0", null, null, "10.0.0-rc.1.25451.107", false)]
    [InlineData("10.0.0-rc.1.25451.107", null, null, "10.0.0", true)]
    [InlineData("10.0.0", null, null, "10.1.0-preview.1", true)]
    [InlineData("not a version", null, null, "1.0.0", true)]
    public void Newer_ones_do_as_far_as_the_roll_forward_goes(
        string needed, string? rollForward, string? variable, string present, bool fits)
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet/shared").Framework("Microsoft.NETCore.App", present);
        image.Needs = image.Needs with { Frameworks = [new("Microsoft.NETCore.App", needed, rollForward)] };
        if (variable is not null)
            image.Environment("DOTNET_ROLL_FORWARD", variable);
        Assert.Equal(fits ? [] : [ErrorCodes.FrameworkMissing], image.Check().Select(finding => finding.Code));
    }

    [Theory]
    [InlineData("usr/lib/dotnet", null)]
    [InlineData("usr/lib64/dotnet", null)]
    [InlineData("opt/dotnet", "DOTNET_ROOT")]
    public void Dotnet_has_several_places(string root, string? variable)
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet", "usr/bin/dotnet").Starts("/app/Shop")
            .Own("app/Shop", ElfBytes.GlibcProgram)
            .Base($"{root}/shared/Microsoft.NETCore.App/10.0.0/x", $"{root}/shared/Microsoft.AspNetCore.App/10.0.0/x");
        if (variable is not null)
            image.Environment(variable, "/" + root);
        image.FindsNothing();
    }

    [Fact]
    public void Dotnet_lies_where_the_one_on_the_path_does()
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet", "usr/bin/dotnet")
            .Base("usr/bin/dotnet -> /opt/net/dotnet", "opt/net/dotnet", "opt/net/shared/Microsoft.NETCore.App/10.0.0/x");
        Assert.Contains("has Microsoft.NETCore.App 10.0.0 only", image.Finds(ErrorCodes.FrameworkMissing), StringComparison.Ordinal);
        image.Base("opt/net/shared/Microsoft.AspNetCore.App/10.0.0/x");
        image.FindsNothing();
    }

    [Fact]
    public void Dotnet_in_a_place_of_its_own_is_not_judged()
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet", "usr/bin/dotnet").Starts("/app/Shop")
            .Own("app/Shop", ElfBytes.GlibcProgram)
            .Base("srv/net/host/fxr/9.0.0/libhostfxr.so", "srv/net/shared/Microsoft.NETCore.App/9.0.0/libhostpolicy.so");
        image.FindsNothing();
    }

    [Theory]
    [InlineData("--fx-version")]
    [InlineData("--roll-forward")]
    public void What_the_command_says_of_versions_is_not_judged(string option)
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet/shared").Framework("Microsoft.NETCore.App", "9.0.0")
            .Starts("dotnet", option, "x", "/app/Shop.dll");
        image.FindsNothing();
    }

    [Fact]
    public void A_runtime_that_is_published_along_is_not_looked_for()
    {
        using var image = TestImage.OnDebian().Without("usr/share/dotnet").Starts("/app/Shop").Own("app/Shop", ElfBytes.GlibcProgram);
        image.Needs = image.Needs with { IsSelfContained = true };
        image.FindsNothing();
    }

    [Fact]
    public void Files_for_a_web_server_need_nothing()
    {
        using var image = new TestImage { Needs = new ApplicationNeeds { Frameworks = [new(
            "Microsoft.NETCore.App", "10.0.0")], UsesIcu = true, OpenSslUser = "x", TlsClient = "x", TimeZoneUser = "x" } }
            .Base("usr/sbin/nginx", "lib/ld-musl-x86_64.so.1").Own("app/Shop.dll", "MZ").Starts("/usr/sbin/nginx", "-g", "daemon off;");
        image.FindsNothing();
    }
}

using Containerize.Checks;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Needs;
using Containerize.Planning.Published;
using Containerize.Tests.Checks;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Needs;

public sealed class ApplicationNeedsReaderTests : IDisposable
{
    private const string HttpClient = "System.Net.Http.HttpClient", Sha256 = "System.Security.Cryptography.SHA256", TimeZones = "System.TimeZoneInfo::FindSystemTimeZoneById";
    private readonly TempFolder _folder = new();
    private readonly List<PublishItem> _items = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Nothing_is_known_of_nothing()
    {
        var needs = Read();
        Assert.Empty(needs.Frameworks);
        Assert.Equal((false, false, null), (needs.UsesIcu, needs.IsSelfContained, needs.InvariantGlobalization));
        Assert.Equal((null, null, null), (needs.OpenSslUser, needs.TlsClient, needs.TimeZoneUser));
    }

    [Fact]
    public void A_framework_dependent_application()
    {
        Config("""
            {
              // as the SDK writes it
              "runtimeOptions": {
                "tfm": "net10.0",
                "rollForward": "LatestMinor",
                "frameworks": [
                  { "name": "Microsoft.NETCore.App", "version": "10.0.0" },
                  { "name": "Microsoft.AspNetCore.App", "version": "10.0.1", "rollForward": "Major" },
                ],
                "configProperties": { "System.GC.Server": true }
              }
            }
            """);
        var needs = Read();
        Assert.Equal(
            [new("Microsoft.NETCore.App", "10.0.0", "LatestMinor"), new SharedFramework("Microsoft.AspNetCore.App", "10.0.1", "Major")],
            needs.Frameworks);
        Assert.Equal(
            (false, true, true, null, false, "ASP.NET Core"),
            (needs.IsSelfContained, needs.UsesAspNetCore, needs.UsesIcu, needs.InvariantGlobalization, needs.BringsIcu, needs.OpenSslUser));
    }

    [Fact]
    public void One_framework_has_a_member_of_its_own()
    {
        Config("""{ "runtimeOptions": { "framework": { "name": "Microsoft.NETCore.App", "version": "8.0.0" } } }""");
        Assert.Equal([new SharedFramework("Microsoft.NETCore.App", "8.0.0")], Read().Frameworks);
    }

    [Fact]
    public void A_self_contained_application_brings_its_frameworks()
    {
        Config("""{ "runtimeOptions": { "includedFrameworks": [ { "name": "Microsoft.NETCore.App", "version": "10.0.12" } ] } }""");
        var needs = Read();
        Assert.True(needs.IsSelfContained);
        Assert.Equal([new SharedFramework("Microsoft.NETCore.App", "10.0.12")], needs.Frameworks);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("\"true\"", true)]
    [InlineData("\"maybe\"", null)]
    [InlineData("1", null)]
    public void Invariant_globalization(string value, bool? expected)
    {
        Config($$"""{ "runtimeOptions": { "configProperties": { "System.Globalization.Invariant": {{value}} } } }""");
        Assert.Equal(expected, Read().InvariantGlobalization);
    }

    [Fact]
    public void App_local_icu()
    {
        Config("""{ "runtimeOptions": { "configProperties": { "System.Globalization.AppLocalIcu": "72.1.0.3" } } }""");
        Assert.True(Read().BringsIcu);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{ "runtimeOptions": [] }""")]
    public void A_damaged_file_tells_nothing(string content)
    {
        Config(content);
        Assert.False(Read().UsesIcu);
    }

    [Fact]
    public void Odd_members_are_passed_over()
    {
        Config("""{ "runtimeOptions": { "framework": 1, "frameworks": [ 1, {}, { "name": 3 }, { "name": "A" } ], "configProperties": 5 } }""");
        Assert.Equal([new SharedFramework("A", "")], Read().Frameworks);
    }

    [Fact]
    public void The_published_file_counts_then_the_projects_own()
    {
        _folder.Write("publish/Other.runtimeconfig.json", """{ "runtimeOptions": { "framework": { "name": "Other", "version": "1.0.0" } } }""");
        var own = _folder.Write("bin/App.runtimeconfig.json", """{ "runtimeOptions": { "framework": { "name": "Own", "version": "1.0.0" } } }""");
        Assert.Equal("Own", Read(application => application with { RuntimeConfigPath = own }).Frameworks[0].Name);
        Assert.Equal("Other", Read().Frameworks[0].Name);
        _folder.Write("publish/App.runtimeconfig.json", """{ "runtimeOptions": { "framework": { "name": "Published", "version": "1.0.0" } } }""");
        Assert.Equal("Published", Read(application => application with { RuntimeConfigPath = own }).Frameworks[0].Name);
        Assert.Empty(Read().Frameworks); // Of two, nobody knows which.
    }

    [Theory]
    [InlineData(HttpClient, "x.dll", "x.dll", null)]
    [InlineData("System.Net.Http.HttpMethod", null, null, null)]
    [InlineData("System.Net.Security.SslStream", "x.dll", "x.dll", null)]
    [InlineData("System.Net.WebSockets.ClientWebSocket", "x.dll", "x.dll", null)]
    [InlineData(Sha256, "x.dll", null, null)]
    [InlineData("System.Security.Cryptography.X509Certificates.X509Certificate2", "x.dll", null, null)]
    [InlineData("System.Security.Cryptography.CryptographicException", null, null, null)]
    [InlineData("System.Security.Cryptography.ProtectedData", null, null, null)]
    [InlineData("My.Own.HttpClient", null, null, null)]
    [InlineData(TimeZones, null, null, "x.dll")]
    [InlineData("System.TimeZoneInfo::TryFindSystemTimeZoneById", null, null, "x.dll")]
    [InlineData("System.TimeZoneInfo::ConvertTimeBySystemTimeZoneId", null, null, "x.dll")]
    [InlineData("System.TimeZoneInfo::GetSystemTimeZones", null, null, "x.dll")]
    [InlineData("System.TimeZoneInfo::get_Local", null, null, null)]
    [InlineData("My.Own.TimeZoneInfo::FindSystemTimeZoneById", null, null, null)]
    public void What_assemblies_refer_to(string reference, string? openSsl, string? tls, string? zones)
    {
        Item("x.dll", FileOrigin.Application, reference);
        var needs = Read();
        Assert.Equal((openSsl, tls, zones), (needs.OpenSslUser, needs.TlsClient, needs.TimeZoneUser));
    }

    [Fact]
    public void Messages_name_the_application_rather_than_a_package()
    {
        Item("a.dll", FileOrigin.Package, HttpClient, TimeZones);
        Item("lib/z.dll", FileOrigin.Application, Sha256);
        Item("b.dll", FileOrigin.ProjectReference, TimeZones);
        var needs = Read();
        Assert.Equal(("z.dll", "a.dll", "b.dll"), (needs.OpenSslUser, needs.TlsClient, needs.TimeZoneUser));
    }

    [Fact]
    public void What_is_not_the_applications_own_does_not_count()
    {
        Item("System.Net.Http.dll", FileOrigin.RuntimePack, HttpClient, Sha256, TimeZones);
        Item("x.resources.dll", FileOrigin.Application, HttpClient);
        Item("NodaTime.dll", FileOrigin.Package, TimeZones); // It brings all zones along.
        Item("asset.dll", FileOrigin.StaticAsset, HttpClient);
        _items.Add(Made("win.dll", FileOrigin.Package, HttpClient) with { RuntimeIdentifier = "win-x64" });
        _items.Add(Made("out.dll", FileOrigin.Package, HttpClient) with { LeaveOut = "a reason" });
        var needs = Read();
        Assert.Equal((null, null, null), (needs.OpenSslUser, needs.TlsClient, needs.TimeZoneUser));
    }

    [Fact]
    public void What_cannot_be_read_is_passed_over()
    {
        _items.Add(new PublishItem("missing.dll", _folder["missing.dll"], FileOrigin.Application));
        _items.Add(new PublishItem("text.dll", _folder.Write("src/text.dll", "text"), FileOrigin.Application));
        _items.Add(
            new PublishItem("cut.dll", _folder.Write("src/cut.dll", ManagedAssembly.ReferringTo(Sha256)[..600]), FileOrigin.Application));
        Item("z.dll", FileOrigin.Package, Sha256);
        Assert.Equal("z.dll", Read().OpenSslUser);
    }

    [Fact]
    public void Damage_harms_nothing()
    {
        var good = ManagedAssembly.ReferringTo(HttpClient, TimeZones);
        for (var at = 0; at < good.Length; at += 3)
        {
            var bad = (byte[])good.Clone();
            bad[at] ^= 0xff;
            bad[Math.Min(at + 1, bad.Length - 1)] = 0x7f;
            _items.Clear();
            _items.Add(new PublishItem("x.dll", _folder.Write("src/x.dll", bad), FileOrigin.Application));
            Assert.True(Read().TlsClient is null or "x.dll");
        }
    }

    [Fact]
    public void Time_zones_that_are_invariant_need_no_files()
    {
        Config("""{ "runtimeOptions": { "configProperties": { "System.TimeZoneInfo.Invariant": true } } }""");
        Item("x.dll", FileOrigin.Application, TimeZones);
        Assert.Null(Read().TimeZoneUser);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void A_native_program_tells_by_what_is_linked_in(bool icu, bool openSsl)
    {
        Config("""{ "runtimeOptions": { "includedFrameworks": [ { "name": "Microsoft.AspNetCore.App", "version": "10.0.12" } ] } }""");
        Item("x.dll", FileOrigin.Application, HttpClient, Sha256, TimeZones);
        // The names lie where one read ends and the next begins.
        var program = new byte[(2 * 1024 * 1024) + 100];
        new ElfBytes { Type = 2 }.ToArray().CopyTo(program, 0);
        if (icu)
            "libicuuc"u8.CopyTo(program.AsSpan((1024 * 1024) - 3));
        if (openSsl)
            "libssl.so"u8.CopyTo(program.AsSpan((2 * 1024 * 1024) - 5));
        var needs = Read(application => application with
        {
            IsNativeAot = true,
            Layers =
            [
                new LayerPlan("application",
                [
                    new LayerEntry(
                        "app/run.sh", LayerEntryKind.File, _folder.Write("run.sh", "#!/bin/sh libssl.so"), LayerEntry.ExecutableMode),
                    new LayerEntry("app/App", LayerEntryKind.File, _folder.Write("App", program), LayerEntry.ExecutableMode),
                ]),
            ],
        });
        Assert.Equal(
            (true, true, icu, openSsl ? "App" : null), (needs.IsNativeAot, needs.IsSelfContained, needs.UsesIcu, needs.OpenSslUser));
        Assert.Equal((openSsl ? "x.dll" : null, "x.dll"), (needs.TlsClient, needs.TimeZoneUser));
    }

    [Fact]
    public void Whether_it_is_one_file() => Assert.True(Read(application => application with { IsSingleFile = true }).IsSingleFile);

    private void Config(string content) => _folder.Write("publish/App.runtimeconfig.json", content);

    private void Item(string path, FileOrigin origin, params string[] references) => _items.Add(Made(path, origin, references));

    private PublishItem Made(string path, FileOrigin origin, params string[] references) =>
        new(path, _folder.Write("src/" + path, ManagedAssembly.ReferringTo(references)), origin);

    private ApplicationNeeds Read(Func<PublishedApplication, PublishedApplication>? change = null)
    {
        var application = new PublishedApplication
        {
            PublishFolder = Path.GetDirectoryName(_folder["publish/x"])!,
            Items = _items,
            Runtimes = RuntimeIdentifierGraph.For(null, "linux-x64"),
            Layers = [],
        };
        return ApplicationNeedsReader.Read(change?.Invoke(application) ?? application);
    }
}

using System.Security.Cryptography;
using System.Text;
using Containerize.Building;
using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Testing;
using Containerize.Tests.Checks;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Building;

/// <summary>
/// What a check looks at, as a hash: what it finds must not change while the hash stays, and the hash must stay where nothing is looked at.
/// </summary>
public sealed class FitInputsTests : IDisposable
{
    // Of the sources of the rules at FitInputs.RulesVersion. Where rules find something else in the same inputs, raise that, too.
    private const string Rules = "6b244207abe53c75";

    private static readonly Digest Base = Digest.Of("base"u8);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_rules_are_those_of_their_version()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("src", "Containerize", "Checks"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            hash.AppendData(Encoding.UTF8.GetBytes(File.ReadAllText(file).ReplaceLineEndings("\n")));
        Assert.Equal(
            $"{FitInputs.RulesVersion} {Rules}",
            $"{FitInputs.RulesVersion} {Convert.ToHexStringLower(hash.GetHashAndReset())[..16]}");
    }

    [Fact]
    public void Where_it_lies_and_when_it_was_written_do_not_count()
    {
        var one = Of(new Variant());
        using var other = new TempFolder();
        Assert.Equal(one, Of(new Variant(), other));
        Assert.NotNull(one);
    }

    // Each with what counts in it.
    [Theory]
    [InlineData("managed code", false)]
    [InlineData("a library's code", false)]
    [InlineData("a static asset", false)]
    [InlineData("a variable of the application", false)]
    [InlineData("a label", false)]
    [InlineData("a library that is needed", true)]
    [InlineData("a symbol's version", true)]
    [InlineData("a file more", true)]
    [InlineData("a mode", true)]
    [InlineData("a script's interpreter", true)]
    [InlineData("the accounts", true)]
    [InlineData("a variable of .NET", true)]
    [InlineData("the user", true)]
    [InlineData("the command", true)]
    [InlineData("the health check", true)]
    [InlineData("a volume", true)]
    [InlineData("a port", true)]
    [InlineData("what the application needs", true)]
    [InlineData("the platform", true)]
    public void What_is_looked_at_counts(string what, bool counts)
    {
        var variant = new Variant();
        var changed = what switch
        {
            "managed code" => variant with { Managed = "other" },
            "a library's code" => variant with { LibraryTail = "other" },
            "a static asset" => variant with { Asset = "app.8fq2.js" },
            "a variable of the application" => variant with { Variables = [("COMMIT", "2")] },
            "a label" => variant with { Label = "2" },
            "a library that is needed" => variant with { Library = variant.Library with { Needed = ["libc.so.6", "libx.so.1"] } },
            "a symbol's version" => variant with { Library = variant.Library with { Versions = [("libc.so.6", ["GLIBC_2.99"])] } },
            "a file more" => variant with { More = "app/More.dll" },
            "a mode" => variant with { Mode = LayerEntry.FileMode },
            "a script's interpreter" => variant with { Script = "#!/bin/bash\nexec x" },
            "the accounts" => variant with { Accounts = "app:x:1:1" },
            "a variable of .NET" => variant with { Variables = [("DOTNET_ROLL_FORWARD", "Major")] },
            "the user" => variant with { User = "0" },
            "the command" => variant with { Command = ["/app/App", "--more"] },
            "the health check" => variant with { Healthcheck = ["CMD", "/app/check"] },
            "a volume" => variant with { Volume = "/data" },
            "a port" => variant with { Port = "81/tcp" },
            "what the application needs" => variant with { Needs = new ApplicationNeeds { UsesIcu = true } },
            _ => variant with { RuntimeIdentifier = "linux-arm64" },
        };
        Assert.Equal(counts, Of(variant) != Of(changed));
    }

    [Fact]
    public void Where_a_link_may_lead_to_the_users_nothing_is_known() =>
        Assert.Null(
            Of(
                Plan(new Variant(), _folder) with { Layers = [new LayerPlan("files", [LayerEntry.Link("etc/passwd", "accounts")])] },
                new Variant()));

    // Two images of which rules find something else are never taken for one another.
    [Fact]
    public void The_same_inputs_have_the_same_findings() => Gen.Select(Variants, Variants).Sample(
        (one, two) =>
        {
            if (Of(one) == Of(two))
                Assert.Equal(Find(one), Find(two));
        },
        iter: 400,
        threads: 1);

    private static readonly Gen<Variant> Variants = Gen.Select(
        Gen.OneOf("libc.so.6", "libx.so.1"),
        Gen.OneOf("#!/bin/sh\nx", "#!/bin/bash\nx", "#!/bin/sh\ny"),
        Gen.OneOf("1654", "0", "app"),
        Gen.OneOf("app:x:1:1", "other:x:1:1"),
        Gen.OneOf("/app/App", "/app/script", "/app/none"),
        Gen.OneOf("80/tcp", "8080/tcp"),
        Gen.OneOf(("COMMIT", "1"), ("COMMIT", "2"), ("TZDIR", "/lib"), ("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1")),
        Gen.Bool).Select((needed, script, user, accounts, program, port, variable, uses) => new Variant
        {
            Library = ElfBytes.GlibcLibrary with { Needed = ["libc.so.6", needed] },
            Script = script,
            User = user,
            Accounts = accounts,
            Command = [program],
            Port = port,
            Variables = [variable],
            Needs = new ApplicationNeeds { UsesIcu = uses, TimeZoneUser = uses ? "App.dll" : null, IsSelfContained = true },
        });

    private List<string> Find(Variant variant) =>
        [.. FitCheck.Run(Plan(variant, _folder), Config(variant), Debian).Select(finding => finding.Message)];

    private Digest? Of(Variant variant, TempFolder? folder = null) => Of(Plan(variant, folder ?? _folder), variant);

    private static Digest? Of(ImagePlan plan, Variant variant) => FitInputs.Of(plan, Config(variant), Base);

    private static ImageConfig Config(Variant variant) => ImageConfig.Empty(new Platform("linux", "amd64")).With(
        editor =>
        {
            editor.SetEntrypoint(variant.Command);
            editor.SetWorkingDirectory("/app/");
            editor.SetUser(variant.User);
            editor.SetLabel("label", variant.Label);
            if (variant.Volume is not null)
                editor.AddVolume(variant.Volume);
            if (variant.Healthcheck is not null)
                editor.SetHealthcheck(variant.Healthcheck, null, null, null, null, null);
            foreach (var (name, value) in variant.Variables)
                editor.SetEnvironmentVariable(name, value);
        },
        ImageFormat.Oci);

    private static ImagePlan Plan(Variant variant, TempFolder folder) => new()
    {
        Name = "App",
        BaseImage = BaseImageName.Parse("registry.example/base:1"),
        RuntimeIdentifier = variant.RuntimeIdentifier,
        Platform = new Platform("linux", "amd64"),
        Created = DateTimeOffset.UnixEpoch,
        Config = new ConfigPlan { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = variant.Command }, Ports = [variant.Port] },
        Repository = "app",
        Tags = ["latest"],
        Destinations = [],
        Needs = variant.Needs,
        Layers =
        [
            new LayerPlan("application",
            [
                Entry(folder, "app/App", ElfBytes.GlibcProgram.ToArray(), LayerEntry.ExecutableMode),
                Entry(folder, "app/App.dll", Encoding.UTF8.GetBytes(variant.Managed), LayerEntry.FileMode),
                Entry(
                    folder,
                    "app/libown.so",
                    [.. variant.Library.ToArray(), .. Encoding.UTF8.GetBytes(variant.LibraryTail)],
                    LayerEntry.FileMode),
                Entry(folder, "app/script", Encoding.UTF8.GetBytes(variant.Script), variant.Mode),
                Entry(folder, "etc/passwd", Encoding.UTF8.GetBytes(variant.Accounts), LayerEntry.FileMode),
                Entry(folder, "app/wwwroot/" + variant.Asset, "asset"u8.ToArray(), LayerEntry.FileMode) with { TimeFromContent = true },
                .. variant.More is null ? [] : new[] { Entry(folder, variant.More, [], LayerEntry.FileMode) },
            ]),
        ],
    };

    private static LayerEntry Entry(TempFolder folder, string path, byte[] content, int mode) =>
        new(path, LayerEntryKind.File, folder.Write($"{Convert.ToHexString(SHA256.HashData(content))[..8]}/{path}", content), mode);

    private static ImageTree Debian { get; } = ImageTree.Of([new FileList(
    [
        new ContentEntry("bin/sh", ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
        new ContentEntry("lib64/ld-linux-x86-64.so.2", ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
        new ContentEntry("lib/x86_64-linux-gnu/libc.so.6", ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
    ])]);

    private sealed record Variant
    {
        public string Managed { get; init; } = "managed";

        public ElfBytes Library { get; init; } = ElfBytes.GlibcLibrary;

        public string LibraryTail { get; init; } = "code";

        public string Script { get; init; } = "#!/bin/sh\nexec x";

        public int Mode { get; init; } = LayerEntry.ExecutableMode;

        public string Accounts { get; init; } = "root:x:0:0";

        public string Asset { get; init; } = "app.js";

        public string? More { get; init; }

        public string Label { get; init; } = "1";

        public string User { get; init; } = "1654";

        public string[] Command { get; init; } = ["/app/App"];

        public string[]? Healthcheck { get; init; }

        public string? Volume { get; init; }

        public string Port { get; init; } = "8080/tcp";

        public string RuntimeIdentifier { get; init; } = "linux-x64";

        public (string Name, string Value)[] Variables { get; init; } = [("COMMIT", "1")];

        public ApplicationNeeds Needs { get; init; } = new();
    }
}

using Containerize.Building;
using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Checks;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class FitCheckTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_plans_files_are_checked_on_top_of_the_bases()
    {
        var plan = Plan(new LayerPlan("application", [File("app/App", ElfBytes.GlibcProgram)]));
        Assert.Empty(Check(plan));
        Assert.Equal([ErrorCodes.InterpreterMissing], Codes(Check(plan, new ImageTree())));
    }

    [Fact]
    public void The_runtime_that_is_published_along_is_not_judged_by_its_files()
    {
        var library = File("app/libclrsomething.so", ElfBytes.GlibcLibrary with { Needed = ["libnowhere.so.1"] });
        Assert.Empty(
            Check(Plan(new LayerPlan("runtime", [library]), new LayerPlan("application", [File("app/App", ElfBytes.GlibcProgram)]))));
        Assert.Equal(
            [ErrorCodes.SharedLibraryMissing],
            Codes(
                Check(Plan(new LayerPlan("packages", [library]), new LayerPlan("application", [File("app/App", ElfBytes.GlibcProgram)])))));
    }

    [Fact]
    public void Files_lie_behind_the_links_of_the_base()
    {
        // If the layer's /lib came in place of the base's link, the loader would be gone.
        Assert.Empty(Check(Plan(new LayerPlan("application",
        [
            LayerEntry.Directory("app"),
            File("app/App", ElfBytes.GlibcProgram with { Interpreter = "/lib/ld-linux-x86-64.so.2" }),
            LayerEntry.Directory("lib"),
            File("lib/libown.so.1", ElfBytes.GlibcLibrary),
            File("app/libuser.so", ElfBytes.GlibcLibrary with { Needed = ["libown.so.1"] }),
        ]))));
    }

    [Fact]
    public void Ports_are_the_plans_and_those_of_ASP_NET_Core()
    {
        var plan = Plan(
            new LayerPlan(
                "application",
                [File("app/App", ElfBytes.GlibcProgram)])) with { Needs = new ApplicationNeeds { IsSelfContained = true, Frameworks = [new(ApplicationNeeds.AspNetCore, "10.0.0")] } };
        Assert.Contains(
            "port 81 as the user '1654'",
            Assert.Single(Check(plan, change: config => config.SetEnvironmentVariable("ASPNETCORE_URLS", "http://+:81"))).Message,
            StringComparison.Ordinal);
        // What is not made with ASP.NET Core does not heed its variables, and the base's ports are the base's.
        Assert.Empty(
            Check(
                plan with { Needs = new ApplicationNeeds() },
                change: config => config.SetEnvironmentVariable("ASPNETCORE_URLS", "http://+:81")));
        Assert.Empty(Check(plan, change: config => config.ExposePort("82/tcp")));
        var own = Assert.Single(Check(plan with { Config = plan.Config with { Ports = ["83/tcp"] } }));
        Assert.Equal(ErrorCodes.PortNeedsRoot, own.Code);
        Assert.Contains("port 83", own.Message, StringComparison.Ordinal);
    }

    private static IReadOnlyList<Finding> Check(ImagePlan plan, ImageTree? files = null, Action<ImageConfig.Editor>? change = null)
    {
        var config = ImageConfig.Empty(plan.Platform).With(
            editor =>
            {
                editor.SetEntrypoint(["/app/App"]);
                editor.SetWorkingDirectory("/app/");
                editor.SetUser("1654");
                change?.Invoke(editor);
            },
            ImageFormat.Oci);
        return FitCheck.Run(plan, config, files ?? Debian());
    }

    private static IEnumerable<string> Codes(IEnumerable<Finding> findings) => findings.Select(finding => finding.Code);

    private static ImageTree Debian() => ImageTree.Of([new FileList(
    [
        new ContentEntry("lib", ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, "usr/lib"),
        new ContentEntry("lib64", ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, "usr/lib64"),
        new ContentEntry("usr/lib64/ld-linux-x86-64.so.2", ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, "../lib/ld-linux-x86-64.so.2"),
        new ContentEntry("usr/lib/ld-linux-x86-64.so.2", ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
        new ContentEntry("usr/lib/x86_64-linux-gnu/libc.so.6", ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
    ])]);

    private LayerEntry File(string path, ElfBytes elf) =>
        new(path, LayerEntryKind.File, _folder.Write(path, elf.ToArray()), LayerEntry.ExecutableMode);

    private static ImagePlan Plan(params LayerPlan[] layers) => new()
    {
        Name = "App",
        BaseImage = BaseImageName.Parse("registry.example/base:1"),
        RuntimeIdentifier = "linux-x64",
        Platform = new Platform("linux", "amd64"),
        Created = DateTimeOffset.UnixEpoch,
        Config = new ConfigPlan { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = ["/app/App"] } },
        Repository = "app",
        Tags = ["latest"],
        Destinations = [],
        Layers = layers,
    };
}

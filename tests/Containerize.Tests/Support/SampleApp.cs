using Containerize.Building;
using Containerize.Caches;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Testing.Validation;

namespace Containerize.Tests.Support;

/// <summary>A small application's files, and the plan of an image of them.</summary>
internal sealed class SampleApp : IDisposable
{
    private readonly TempFolder _folder = new("app");
    private readonly LayerBuilder _layers;

    public SampleApp()
    {
        _layers = new LayerBuilder(new LayerCache(_folder["cache"]), 2);
        Layers =
        [
            new LayerPlan(
                "packages",
                [LayerEntry.Directory("app"), new LayerEntry(
                    "app/Package.dll", LayerEntryKind.File, _folder.Write("Package.dll", "package"), LayerEntry.FileMode)]),
            new LayerPlan(
                "application",
                [
                    LayerEntry.Directory("app"),
                    LayerEntry.Directory("app/wwwroot"),
                    new LayerEntry("app/App", LayerEntryKind.File, _folder.Write("App", "#!/bin/sh"), LayerEntry.ExecutableMode),
                    new LayerEntry("app/link", LayerEntryKind.SymbolicLink, "App", 0b111_111_111),
                    new LayerEntry(
                        "app/wwwroot/" + new string('ü', 70),
                        LayerEntryKind.File,
                        _folder.Write("x", "x"),
                        LayerEntry.FileMode) { TimeFromContent = true },
                ]),
        ];
    }

    public IReadOnlyList<LayerPlan> Layers { get; }

    /// <summary>What the validator has to know of these images.</summary>
    public static ImageValidationOptions Validation { get; } = new()
    {
        OwnLayers = 2,
        AllowedDirectory = path => path == "app" || path.StartsWith("app/", StringComparison.Ordinal),
    };

    public ImagePlan Plan(string baseImage, string runtimeIdentifier = "linux-x64", ImageFormat? format = null) => new()
    {
        Name = "App",
        BaseImage = BaseImageName.Parse(baseImage),
        RuntimeIdentifier = runtimeIdentifier,
        Platform = Platform.FromRuntimeIdentifier(runtimeIdentifier)!,
        Format = format,
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Config = new ConfigPlan
        {
            WorkingDirectory = "/app/",
            Command = new CommandPlan { AppCommand = ["/app/App"], DefaultArgs = ["--serve"] },
            EnvironmentVariables = [new("ASPNETCORE_HTTP_PORTS", "8080"), new("URL", "http://x:1;y")],
            Ports = ["9000/udp"],
            Labels = [new("org.opencontainers.image.title", "App")],
            LabelBaseDigest = true,
        },
        Repository = "team/app",
        Tags = ["1.0", "latest"],
        Destinations = [],
        Layers = Layers,
    };

    public async Task<Image> BuildAsync(ImagePlan plan, Image baseImage, ImageTree? baseFiles = null) =>
        (await new ImageBuilder(_layers).BuildAsync(plan, baseImage, baseFiles, null, default)).Image;

    public void Dispose() => _folder.Dispose();
}

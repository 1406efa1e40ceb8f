using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Microsoft.Build.Framework;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Ctrl+C: MSBuild calls Cancel on the running task from another thread.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class CancellationTests(PackageFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("GET", "/v2/base/manifests/", "resolve")]
    [InlineData("GET", "/v2/base/blobs/", "resolve")]
    [InlineData("PUT", "/v2/app/manifests/", "publish")]
    [InlineData("*", "/v2/app/blobs/uploads/", "publish")]
    [InlineData("GET", "/v2/base/blobs/", "archive")]
    public async Task A_slow_registry_does_not_keep_the_build(string method, string path, string step)
    {
        await using var registry = await TestRegistry.StartAsync();
        BaseImages.PushImage(registry, "base", "1");
        var folder = fixture.CreateDirectory();
        // Of their own: what a step before has kept, or an earlier build, is not asked for again.
        var (cache, ownCache) = (fixture.CreateDirectory(), fixture.CreateDirectory());
        var plan = await WritePlanAsync(folder, registry, step == "archive");
        using var engine = new MockBuildEngine();
        if (step != "resolve")
        {
            Assert.True(
                new ResolveBaseImage { BuildEngine = engine, PlanPath = plan, ImageFolderPath = folder, CacheDirectory = cache }.Execute(),
                engine.Log);
            Assert.True(
                new BuildImage { BuildEngine = engine, PlanPath = plan, ImageFolderPath = folder, CacheDirectory = cache }.Execute(),
                engine.Log);
        }

        var before = Files(folder);
        var never = new TaskCompletionSource();
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        registry.Faults.Add(method, path, FaultScript.Always, async (context, next) =>
        {
            reached.TrySetResult();
            await Fault.WaitFor(never.Task)(context, next);
        });
        using ContainerizeTask task = step == "resolve"
            ? new ResolveBaseImage { BuildEngine = engine, PlanPath = plan, ImageFolderPath = folder, CacheDirectory = ownCache }
            : new PublishImage { BuildEngine = engine, Images = [new Microsoft.Build.Utilities.TaskItem(
                plan, new Dictionary<string, string> { ["Folder"] = folder })], ReportFolder = folder, CacheDirectory = ownCache };

        var running = Task.Run(task.Execute);
        await reached.Task.WaitAsync(Patience);
        task.Cancel();

        Assert.False(await running.WaitAsync(Patience));
        Assert.Empty(engine.Errors);
        Assert.Empty(engine.Warnings);
        Assert.Equal(before, Files(folder));
        Assert.Empty(registry.Tags("app"));
    }

    [Fact]
    public async Task A_task_that_is_cancelled_before_it_starts_does_nothing()
    {
        await using var registry = await TestRegistry.StartAsync();
        var folder = fixture.CreateDirectory();
        var plan = await WritePlanAsync(folder, registry, archive: false);
        using var engine = new MockBuildEngine();
        using var task = new ResolveBaseImage { BuildEngine = engine, PlanPath = plan, ImageFolderPath = folder };

        task.Cancel();

        Assert.False(task.Execute());
        Assert.Empty(engine.Errors);
        Assert.Empty(registry.Requests);
    }

    [Fact]
    public void Every_task_can_be_cancelled_and_runs_in_a_multithreaded_build()
    {
        var tasks = typeof(ContainerizeTask).Assembly.GetTypes().Where(type => typeof(ITask).IsAssignableFrom(type) && !type.IsAbstract)
            .ToList();

        Assert.Equal(8, tasks.Count);
        Assert.All(tasks, task =>
        {
            Assert.True(typeof(ICancelableTask).IsAssignableFrom(task), task.Name);
            // Found by its name: MSBuild 18.0, which we compile against, does not have it.
            Assert.Contains(
                task.CustomAttributes,
                attribute => attribute.AttributeType.FullName == "Microsoft.Build.Framework.MSBuildMultiThreadableTaskAttribute");
        });
    }

    private static async Task<string> WritePlanAsync(string folder, TestRegistry registry, bool archive)
    {
        var file = Path.Combine(folder, "App.dll");
        await File.WriteAllTextAsync(file, "app");
        var path = Path.Combine(folder, "plan.json");
        await PlanFile.WriteAsync(
            path,
            new ImagePlan
            {
                Name = "App",
                BaseImage = BaseImageName.Parse($"{registry.Host}/base:1"),
                RuntimeIdentifier = "linux-x64",
                Platform = Platform.FromRuntimeIdentifier("linux-x64")!,
                Created = DateTimeOffset.UnixEpoch,
                Config = new ConfigPlan { WorkingDirectory = "/app/", Command = new CommandPlan { AppCommand = ["/app/App"] } },
                Repository = "app",
                Tags = ["latest"],
                Destinations = [archive ? new Destination(
                    DestinationKind.Archive, Path.Combine(folder, "image.tar")) : new Destination(DestinationKind.Registry, registry.Host)],
                Layers = [new LayerPlan(
                    "application",
                    [Layers.LayerEntry.Directory("app"), new Layers.LayerEntry(
                        "app/App.dll", Layers.LayerEntryKind.File, file, Layers.LayerEntry.FileMode)])],
            },
            CancellationToken.None);
        return path;
    }

    private static IEnumerable<string> Files(string folder) =>
        [.. Directory.EnumerateFiles(
            folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file)).Order(StringComparer.Ordinal)];
}

using Containerize.Testing;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The packed package, installed in one global packages folder for all tests: so MSBuild loads its tasks once.</summary>
public sealed class PackageFixture : IDisposable
{
    private readonly PackageRepository repository;
    private readonly Package package;
    private readonly Lazy<ProjectCreator> console;
    private readonly Lazy<ProjectCreator> web;
    private int workspaces;

    public PackageFixture()
    {
        // Packing restores as the user does, so before the repository takes NUGET_PACKAGES away.
        GlobalPackagesBefore = Environment.GetEnvironmentVariable("NUGET_PACKAGES");
        Packed = PackedPackage.Get();
        Root = TestDirectories.CreateUnique(TestDirectories.Sandboxes, "tasks");
        foreach (var blocker in new[] { "Directory.Build.targets", "Directory.Packages.props" })
            File.WriteAllText(Path.Combine(Root, blocker), "<Project />\n");
        // The bases of tests have nothing that an application needs, and most tests are about something else.
        File.WriteAllText(
            Path.Combine(Root, "Directory.Build.props"),
            "<Project><PropertyGroup><ContainerChecks>None</ContainerChecks></PropertyGroup></Project>\n");
        File.WriteAllText(Path.Combine(Root, ".editorconfig"), "root = true\n");
        repository = PackageRepository.Create(Root).Package(new FileInfo(Packed.NupkgPath), out package);
        // What builds keep for all projects of a user is none of this user's.
        Environment.SetEnvironmentVariable("XDG_CACHE_HOME", CacheHome);
        foreach (var (name, value) in CompilerServer.Used)
            Environment.SetEnvironmentVariable(name, value);
        console = new(() => Restored("Microsoft.NET.Sdk"));
        web = new(() => Restored("Microsoft.NET.Sdk.Web"));
    }

    /// <summary>The package file.</summary>
    public PackedPackage Packed { get; }

    /// <summary>The package, for references to it.</summary>
    public Package Package => package;

    /// <summary>The global packages folder, for more packages.</summary>
    public PackageRepository Repository => repository;

    /// <summary>What <c>NUGET_PACKAGES</c> was when the tests started.</summary>
    public string? GlobalPackagesBefore { get; }

    /// <summary>The directory that all workspaces lie below.</summary>
    public string Root { get; }

    /// <summary>Where the builds of these tests keep what all projects share.</summary>
    public string CacheHome => Path.Combine(Root, "cache");

    /// <summary>A fresh directory.</summary>
    public string CreateDirectory() => Directory.CreateDirectory(Path.Combine(Root, $"w{Interlocked.Increment(ref workspaces)}")).FullName;

    /// <summary>A console program, restored; for tests that only vary global properties.</summary>
    public ProjectCreator Console => console.Value;

    /// <summary>A web application, restored; for tests that only vary global properties.</summary>
    public ProjectCreator Web => web.Value;

    /// <summary>What <c>ComputeContainerConfig</c> makes of a console program with these global properties.</summary>
    public Outcome Configure(params (string Name, string Value)[] properties) => Configure(Console, properties);

    /// <summary>What <c>ComputeContainerConfig</c> makes of a restored project with these global properties.</summary>
    public static Outcome Configure(ProjectCreator project, params (string Name, string Value)[] properties) =>
        Workspace.Build(project, ["ComputeContainerConfig", .. Outcome.Inspections], properties, restore: false);

    /// <summary>What becomes of a console program's image on the way to its plan: the publish folder holds one file.</summary>
    public Outcome Plan(params (string Name, string Value)[] properties)
    {
        var publish = CreateDirectory();
        File.WriteAllText(Path.Combine(publish, "App.dll"), "app");
        return Workspace.Build(
            Console,
            ["_ContainerizeEstablish", "ComputeContainerConfig", "ContainerizePlan", .. Outcome.Inspections],
            [("PublishDir", publish + "/"), .. properties],
            restore: false);
    }

    public void Dispose()
    {
        repository.Dispose();
        if (Environment.GetEnvironmentVariable("CONTAINERIZE_TEST_KEEP") is null or "")
            TestDirectories.TryDelete(Root);
    }

    private ProjectCreator Restored(string sdk)
    {
        var project = Workspace.Create(this).Project(sdk: sdk);
        Workspace.Build(project, ["_ContainerizeEstablish"], []).EnsureSuccess();
        return project;
    }
}

/// <summary>One build manager in this process, so one collection.</summary>
[CollectionDefinition(Name)]
public sealed class MSBuildDefinition : ICollectionFixture<PackageFixture>
{
    public const string Name = "MSBuild";
}

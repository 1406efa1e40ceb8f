using System.IO.Compression;
using System.Reflection.PortableExecutable;
using System.Runtime.InteropServices;
using Microsoft.Build.Definition;
using Microsoft.Build.Evaluation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The tasks as machine code: what the package has, and who gets it.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ReadyToRunTests(PackageFixture fixture)
{
    // The format's own: the machine of an image is exclusive-or'ed with a number for its operating system.
    private const int Windows = 0, Linux = 0x7B79, Apple = 0x4644;

    [Theory]
    [InlineData("linux-arm64", Machine.Arm64, Linux)]
    [InlineData("linux-x64", Machine.Amd64, Linux)]
    [InlineData("osx-arm64", Machine.Arm64, Apple)]
    [InlineData("win-x64", Machine.Amd64, Windows)]
    public void What_every_publish_runs_is_machine_code_for_its_runtime(string folder, Machine machine, int system)
    {
        var assemblies = Assemblies($"tasks/net10.0/{folder}/");

        Assert.Contains(folder, ReadyToRunTasks.Folders);
        Assert.NotEmpty(assemblies);
        var compiled = assemblies.Where(assembly => assembly.NativeSize > 0).ToList();
        Assert.Equal(
            ["Containerize.Tasks.dll", "Containerize.dll", "NuGet.Versioning.dll", "System.IO.Hashing.dll"],
            compiled.Select(assembly => assembly.Name).Order(StringComparer.Ordinal));
        // The rest is there, too: tasks load nothing from elsewhere.
        Assert.Equal(
            Assemblies("tasks/net10.0/").Select(assembly => assembly.Name).Order(StringComparer.Ordinal),
            assemblies.Select(assembly => assembly.Name).Order(StringComparer.Ordinal));
        Assert.All(compiled, assembly =>
        {
            Assert.Equal((assembly.Name, machine), (assembly.Name, (Machine)((int)assembly.Machine ^ system)));
        });
    }

    // Bytes. A runner without a cache fetches it for each job.
    [Fact]
    public void The_package_is_small() => Assert.InRange(new FileInfo(fixture.Packed.NupkgPath).Length, 1, 15_000_000);

    [Fact]
    public void Those_for_all_other_runtimes_are_IL()
    {
        var assemblies = Assemblies("tasks/net10.0/");

        Assert.NotEmpty(assemblies);
        Assert.All(assemblies, assembly => Assert.Equal((assembly.Name, 0), (assembly.Name, assembly.NativeSize)));
    }

    [Theory]
    [InlineData("linux", "x64", "linux-x64/")]
    [InlineData("linux", "arm64", "linux-arm64/")]
    [InlineData("win", "x64", "win-x64/")]
    [InlineData("osx", "arm64", "osx-arm64/")]
    [InlineData("osx", "x64", "")]
    [InlineData("win", "x86", "")]
    [InlineData("", "arm64", "")]
    public void Every_process_gets_the_tasks_for_its_runtime(string system, string processor, string folder) =>
        Assert.EndsWith(
            $"/tasks/net10.0/{folder}Containerize.Tasks.dll",
            TasksFor(("_ContainerizeSystem", system), ("_ContainerizeProcessor", processor)),
            StringComparison.Ordinal);

    [Fact]
    public void This_process_gets_those_for_it_whatever_the_project_says_of_runtimes()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
        var processor = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64";

        Assert.EndsWith(
            $"/tasks/net10.0/{system}-{processor}/Containerize.Tasks.dll",
            TasksFor(("NETCoreSdkPortableRuntimeIdentifier", "freebsd-riscv64"), ("RuntimeIdentifier", "linux-s390x")),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_names_an_assembly_gets_that() =>
        Assert.Equal("/mine/Tasks.dll", TasksFor(("ContainerizeTaskAssembly", "/mine/Tasks.dll")));

    private string TasksFor(params (string Name, string Value)[] properties)
    {
        using var projects = new ProjectCollection();
        return ReadyToRunTasks.AssemblyOf(Project.FromFile(fixture.Console.FullPath, new ProjectOptions
        {
            GlobalProperties = properties.ToDictionary(property => property.Name, property => property.Value),
            ProjectCollection = projects,
        }));
    }

    private List<(string Name, Machine Machine, int NativeSize)> Assemblies(string folder)
    {
        using var package = ZipFile.OpenRead(fixture.Packed.NupkgPath);
        return [.. package.Entries.Where(
            entry => entry.FullName == folder + entry.Name && entry.Name.EndsWith(".dll", StringComparison.Ordinal)).Select(entry =>
        {
            using var stream = entry.Open();
            using var content = new MemoryStream();
            stream.CopyTo(content);
            content.Position = 0;
            using var reader = new PEReader(content);
            return (entry.Name, reader.PEHeaders.CoffHeader.Machine, reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size);
        })];
    }
}

/// <summary>The folders of <c>tasks/net10.0</c> with machine code.</summary>
internal static class ReadyToRunTasks
{
    /// <summary>All of them, named by the runtime.</summary>
    public static readonly string[] Folders = ["linux-arm64", "linux-x64", "osx-arm64", "win-x64"];

    /// <summary>The end of the path where this machine's tasks lie.</summary>
    public static string AssemblyForThisMachine
    {
        get
        {
            var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "osx" : "linux";
            var folder = $"{system}-{RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";
            return $"/tasks/net10.0/{(Folders.Contains(folder) ? folder + "/" : "")}Containerize.Tasks.dll";
        }
    }

    /// <summary>The path of the tasks that a project uses.</summary>
    public static string AssemblyOf(Project project) => project.GetPropertyValue("ContainerizeTaskAssembly").Replace('\\', '/');
}

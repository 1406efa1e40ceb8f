using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Which programs a publish starts: those of PATH, never those of the project's folder.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ProgramTests(PackageFixture fixture)
{
    private static readonly string[] Names = ["docker", "podman", "nerdctl", "git", "docker-credential-planted"];

    [Fact]
    public async Task A_file_in_the_project_s_folder_is_no_program()
    {
        if (OperatingSystem.IsWindows())
            return;
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var marker = workspace.PathOf("started");
        foreach (var name in Names)
        {
            var file = workspace.Write($"{Workspace.App}/{name}", $"#!/bin/sh\necho {name} >> '{marker}'\n");
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        workspace.Write("home/config.json", """{"credsStore":"planted"}""");
        // The relative folder is the project's own.
        using var variables = new Variables(
            ("PATH", $".{Path.PathSeparator}{Path.PathSeparator}/nowhere"), ("DOCKER_CONFIG", workspace.PathOf("home")));

        // Without an engine, an archive is written where none was asked for by name.
        Workspace.Publish(project, ("ContainerRegistry", "")).EnsureSuccess();
        Workspace.Publish(project, ("ContainerRegistry", ""), ("LocalRegistry", "Docker")).EnsureError("CTZ5001");
        Workspace.Publish(project, ("ContainerBaseImage", "podman-daemon:x")).EnsureError("CTZ2008");
        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        Assert.False(File.Exists(marker), File.Exists(marker) ? File.ReadAllText(marker) : "");
    }
}

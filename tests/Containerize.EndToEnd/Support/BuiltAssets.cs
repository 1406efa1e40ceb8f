using System.Collections.Concurrent;
using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>
/// A folder with the test assets restored and built, and a copy to renew it from. What a build leaves names its folder, so workspaces, one
/// after the other, get the same one; those that are there at the same time get one each.
/// </summary>
internal sealed class BuiltAssets
{
    private static readonly ConcurrentBag<BuiltAssets> Free = [];

    private readonly string _root;
    private readonly string _copy;

    private BuiltAssets(string root)
    {
        _root = root;
        _copy = root + "-copy";
        AppDomain.CurrentDomain.ProcessExit += (_, _) => TestDirectories.TryDelete(_copy);
    }

    /// <summary>One that is free, or else a new one.</summary>
    public static async Task<BuiltAssets> TakeAsync()
    {
        if (Free.TryTake(out var free))
            return free;

        using var workspace = await Workspace.CreateUnbuiltAsync("built");
        foreach (var project in new[] { "HelloConsole", "HelloWeb" })
        {
            // As a publish builds it that makes an image: without one, other paths are in the symbols.
            (await workspace.Sandbox.DotnetInProcessAsync(
                ["build", project, "-c", "Release", "-p:ContainerPublish=true", "-p:_IsPublishing=true"], workingDirectory: workspace.Folder)).EnsureSuccess();
        }

        var built = new BuiltAssets(workspace.Sandbox.Root);
        Copy(built._root, built._copy);
        return built;
    }

    /// <summary>Makes the folder what it was after the build.</summary>
    /// <param name="name">Whom it is for; a folder that was kept has this name.</param>
    /// <returns>The folder.</returns>
    public string Renew(string name)
    {
        if (Directory.Exists(_root))
            Directory.Move(_root, $"{_root}-before-{name}-{Guid.NewGuid():N}");
        Copy(_copy, _root);
        return _root;
    }

    /// <summary>Lets others have it.</summary>
    public void GiveBack() => Free.Add(this);

    // With times, modes and links: a build goes by them.
    private static void Copy(string from, string to)
    {
        using var copy = System.Diagnostics.Process.Start("cp", ["-a", "--reflink=auto", from, to]);
        copy.WaitForExit();
        if (copy.ExitCode != 0)
            throw new IOException($"'cp -a {from} {to}' failed with exit code {copy.ExitCode}.");
    }
}

using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>What a user has at hand who publishes: a home directory, variables and programs of that user's own.</summary>
public sealed class Home
{
    // Whatever holds credentials, or says where some are. The one who runs the tests may have set it.
    private static readonly string[] Unset =
    [
        "DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "DOCKER_CONFIG", "XDG_CONFIG_HOME", "XDG_CONFIG_DIR",
        "SDK_CONTAINER_REGISTRY_UNAME", "SDK_CONTAINER_REGISTRY_PWORD",
    ];

    private readonly Workspace _workspace;
    private readonly string _folder;

    /// <summary>Makes an empty one for a workspace whose HelloConsole is built.</summary>
    public Home(Workspace workspace)
    {
        _workspace = workspace;
        _folder = workspace.Sandbox.PathOf("homes", Guid.NewGuid().ToString("N")[..8]);
        foreach (var name in Unset)
            Environment[name] = null;
        Environment["HOME"] = _folder;
        Environment["XDG_RUNTIME_DIR"] = Directory.CreateDirectory(PathOf("run")).FullName;
        Environment["PATH"] = Directory.CreateDirectory(
            PathOf("bin")).FullName + Path.PathSeparator + System.Environment.GetEnvironmentVariable("PATH");
        // Or each home would be welcomed to .NET.
        Environment["DOTNET_CLI_HOME"] = System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile);
    }

    /// <summary>The variables that are this user's own; null removes one.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    public string PathOf(string path) => Path.Combine(_folder, path);

    /// <summary>Writes a file, and the directories it needs.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
        File.WriteAllText(PathOf(path), text);
        return PathOf(path);
    }

    /// <summary>Writes a program, which is found in PATH.</summary>
    public void WriteProgram(string name, string script)
    {
        var file = Write(Path.Combine("bin", name), script);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Adds items to the project.</summary>
    public void WriteItems(string items) => Write("items.targets", $"<Project><ItemGroup>{items}</ItemGroup></Project>");

    /// <summary>Replaces something wherever it lies: in files and in variables.</summary>
    public void Replace(string before, string after)
    {
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
            File.WriteAllText(file, File.ReadAllText(file).Replace(before, after, StringComparison.Ordinal));
        foreach (var (name, value) in Environment.ToList())
            Environment[name] = value?.Replace(before, after, StringComparison.Ordinal);
    }

    /// <summary>Runs a program as this user.</summary>
    public async Task<ProcessResult> RunAsync(string program, string input, params string[] arguments)
    {
        var environment = new Dictionary<string, string?>(_workspace.Sandbox.Environment);
        foreach (var (name, value) in Environment)
            environment[name] = value;
        return (await ProcessRunner.RunAsync(new ProcessCommand(program, arguments)
        {
            Environment = environment,
            InheritEnvironment = false,
            StandardInput = input,
            WorkingDirectory = _folder,
        })).EnsureSuccess();
    }

    /// <summary>Whether this user's publishes are a <c>dotnet publish</c> each; else they run in this process.</summary>
    public bool HasProcesses { get; init; }

    /// <summary>Publishes HelloConsole and expects success.</summary>
    public async Task<Workspace.Published> PublishAsync(params string[] properties)
    {
        var result = (await TryPublishAsync(properties)).EnsureSuccess();
        return new Workspace.Published(result.Output, _workspace.PathOf("HelloConsole", "obj", "Release", "net10.0"));
    }

    /// <summary>Publishes HelloConsole.</summary>
    public Task<ProcessResult> TryPublishAsync(params string[] properties)
    {
        string[] arguments = ["publish", "HelloConsole", "--no-build", "-p:ContainerPublish=true", $"-p:ItemsOfHome={PathOf("items.targets")}", .. properties];
        return HasProcesses
            ? _workspace.Sandbox.DotnetAsync(arguments, Environment, _workspace.Folder)
            : _workspace.Sandbox.DotnetInProcessAsync(arguments, Environment, _workspace.Folder);
    }
}

using System.Globalization;
using System.Text;

namespace Containerize.Testing;

/// <summary>
/// A directory outside of the repository where projects are written and <c>dotnet</c> is run on them as a user would, against the packed
/// package. It is deleted when disposed, unless <c>CONTAINERIZE_TEST_KEEP</c> is set.
/// </summary>
public sealed class Sandbox : IDisposable
{
    private static readonly HashSet<string> BuildCommands = ["build", "clean", "msbuild", "pack", "publish", "restore", "run", "test"];

    private int binaryLogs;

    private Sandbox(string root, string packagesDirectory, PackedPackage? package)
    {
        Root = root;
        PackagesDirectory = packagesDirectory;
        Package = package;
        Environment = ChildEnvironment.Create();
        // An environment variable, because the NuGet SDK resolver (<Sdk Name="Containerize" />) knows no other way.
        Environment["NUGET_PACKAGES"] = packagesDirectory;
        // What builds keep for all projects of a user is none of this user's; but the sandboxes are one user's, or each of them would
        // fetch and read the same bases again.
        Environment["XDG_CACHE_HOME"] = TestDirectories.Cache;
        foreach (var (name, value) in CompilerServer.Used)
            Environment[name] = value;
    }

    /// <summary>The directory, which relative paths refer to.</summary>
    public string Root { get; }

    /// <summary>The global packages folder, shared by all sandboxes of this user.</summary>
    public string PackagesDirectory { get; }

    /// <summary>The package in the sandbox's feed, or <see langword="null"/> if it was created without.</summary>
    public PackedPackage? Package { get; }

    /// <summary>The whole environment of the processes started here. A test may change it before it starts one.</summary>
    public Dictionary<string, string?> Environment { get; }

    /// <summary>How long a process may take; a test that hangs should say so.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Whether <c>dotnet</c> writes binary logs, to <c>logs/</c>. On with <c>CONTAINERIZE_TEST_BINLOG</c>.</summary>
    public bool WritesBinaryLogs { get; set; } = IsSet("CONTAINERIZE_TEST_BINLOG");

    /// <summary>Whether the directory survives <see cref="Dispose"/>. On with <c>CONTAINERIZE_TEST_KEEP</c>.</summary>
    public bool IsKept { get; set; } = IsSet("CONTAINERIZE_TEST_KEEP");

    /// <summary>Creates a sandbox that restores from the user's own sources and, unless told not to, the packed package.</summary>
    /// <param name="name">A part of the directory's name, to recognise it by.</param>
    /// <param name="withPackage">Whether to pack the package (once per process) and have it in the feed.</param>
    public static async Task<Sandbox> CreateAsync(string name = "test", bool withPackage = true)
    {
        var package = withPackage ? await PackedPackage.GetAsync() : null;
        var packages = await GetPackagesDirectoryAsync();
        var sandbox = new Sandbox(TestDirectories.CreateUnique(TestDirectories.Sandboxes, name), packages, package);
        foreach (var (path, text) in SandboxFiles.Blockers(DotnetSdk.Current))
            sandbox.Write(path, text);
        sandbox.Write("nuget.config", SandboxFiles.NuGetConfig(package?.FeedDirectory, await PackageSource.GetConfiguredAsync(), packages));
        return sandbox;
    }

    /// <summary>Opens a sandbox in a folder that one was created in before, with its files and an environment of its own.</summary>
    /// <param name="root">The folder.</param>
    public static async Task<Sandbox> OpenAsync(string root) =>
        new(root, await GetPackagesDirectoryAsync(), await PackedPackage.GetAsync());

    /// <summary>The full path of something in the sandbox.</summary>
    public string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    /// <summary>Writes a file, and the directories it needs.</summary>
    /// <returns>Its full path.</returns>
    public string Write(string relativePath, string text)
    {
        var path = PathOf(relativePath);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Copies a directory tree, without what a build left in it (<c>bin</c>, <c>obj</c>).</summary>
    /// <param name="from">The source: absolute, or relative to the repository.</param>
    /// <param name="to">The destination, relative to the sandbox; empty for its root.</param>
    /// <returns>The full path of the destination.</returns>
    public string CopyDirectory(string from, string to)
    {
        var destination = Directory.CreateDirectory(PathOf(to)).FullName;
        Copy(new DirectoryInfo(Path.Combine(Repository.Root, from)), destination);
        return destination;

        static void Copy(DirectoryInfo source, string destination)
        {
            foreach (var file in source.EnumerateFiles())
                file.CopyTo(Path.Combine(destination, file.Name), overwrite: true);
            foreach (var directory in source.EnumerateDirectories().Where(directory => directory.Name is not ("bin" or "obj")))
                Copy(directory, Directory.CreateDirectory(Path.Combine(destination, directory.Name)).FullName);
        }
    }

    /// <summary>Runs a program in the sandbox's environment and waits for its end.</summary>
    /// <param name="fileName">The program.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="environment">Changes to <see cref="Environment"/>; <see langword="null"/> values remove.</param>
    /// <param name="workingDirectory">Relative to the sandbox; its root if <see langword="null"/>.</param>
    /// <param name="cancellation">Kills the program and everything it started.</param>
    public async Task<ProcessResult> RunAsync(
        string fileName,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        CancellationToken cancellation = default)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Timeout);
        return await ProcessRunner.RunAsync(Command(fileName, arguments, environment, workingDirectory), limit.Token);
    }

    /// <summary>Runs <c>dotnet</c> in the root of the sandbox.</summary>
    public Task<ProcessResult> DotnetAsync(params string[] arguments) => DotnetAsync(arguments, environment: null);

    /// <summary>Runs <c>dotnet</c>.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public Task<ProcessResult> DotnetAsync(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment,
        string? workingDirectory = null,
        CancellationToken cancellation = default) =>
        RunAsync(DotnetSdk.Current.HostPath, WithBinaryLog(arguments), environment, workingDirectory, cancellation);

    /// <summary>
    /// Does what <see cref="DotnetAsync(IReadOnlyList{string}, IReadOnlyDictionary{string, string?}?, string?, CancellationToken)"/> does,
    /// without a process.
    /// </summary>
    /// <inheritdoc cref="DotnetInProcess.RunAsync"/>
    public Task<ProcessResult> DotnetInProcessAsync(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null) =>
        WritesBinaryLogs
            ? DotnetAsync(arguments, environment, workingDirectory)
            : DotnetInProcess.RunAsync(arguments, Merged(environment), PathOf(workingDirectory ?? ""));

    /// <summary>Starts <c>dotnet</c> and goes on, for tests that interrupt it.</summary>
    /// <inheritdoc cref="RunAsync"/>
    public RunningProcess StartDotnet(
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment = null,
        string? workingDirectory = null,
        CancellationToken cancellation = default) =>
        ProcessRunner.Start(
            InterruptSignal.Restore(Command(DotnetSdk.Current.HostPath, WithBinaryLog(arguments), environment, workingDirectory)),
            cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!IsKept)
            TestDirectories.TryDelete(Root);
    }

    /// <summary>
    /// The global packages folder of all sandboxes; other sources may give other packages by the same name, so each set has its own.
    /// </summary>
    internal static async Task<string> GetPackagesDirectoryAsync()
    {
        var sources = string.Join('\n', (await PackageSource.GetConfiguredAsync()).Select(source => source.Value));
        return Path.Combine(TestDirectories.Packages, PackedPackage.ShortHash(Encoding.UTF8.GetBytes(sources)));
    }

    private static bool IsSet(string variable) =>
        System.Environment.GetEnvironmentVariable(variable) is { Length: > 0 } and not ("0" or "false");

    private ProcessCommand Command(
        string fileName,
        IReadOnlyList<string> arguments,
        IReadOnlyDictionary<string, string?>? environment,
        string? workingDirectory) => new(fileName, arguments)
    {
        Environment = Merged(environment),
        InheritEnvironment = false,
        WorkingDirectory = PathOf(workingDirectory ?? ""),
    };

    private Dictionary<string, string?> Merged(IReadOnlyDictionary<string, string?>? changes)
    {
        var merged = new Dictionary<string, string?>(Environment, Environment.Comparer);
        foreach (var (name, value) in changes ?? new Dictionary<string, string?>())
            merged[name] = value;
        return merged;
    }

    private IReadOnlyList<string> WithBinaryLog(IReadOnlyList<string> arguments)
    {
        if (!WritesBinaryLogs || arguments is not [var command, ..] || !BuildCommands.Contains(command))
            return arguments;
        var number = Interlocked.Increment(ref binaryLogs).ToString("00", CultureInfo.InvariantCulture);
        return [command, $"-bl:{PathOf("logs", $"{number}-{command}.binlog")}", .. arguments.Skip(1)];
    }
}

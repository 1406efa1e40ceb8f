namespace Containerize.Testing;

/// <summary>
/// A compiler server for the builds of this process, in whatever process they run: a compiler that has to start takes three seconds each
/// time. It is ended with this process, and has a name of its own, so that it is neither the user's nor another run's.
/// </summary>
/// <remarks>
/// What a server does, it does with the umask, the culture and the time zone of who started it. Builds that vary those go without.
/// </remarks>
public static class CompilerServer
{
    private static readonly Lazy<string> LazyName = new(Create);

    /// <summary>Variables for a build with the server; MSBuild takes them as properties.</summary>
    public static IReadOnlyDictionary<string, string?> Used => new Dictionary<string, string?>
    {
        ["UseSharedCompilation"] = "true",
        ["SharedCompilationId"] = LazyName.Value,
    };

    /// <summary>Variables for a build with a compiler of its own.</summary>
    public static IReadOnlyDictionary<string, string?> Unused { get; } = new Dictionary<string, string?>
    {
        ["UseSharedCompilation"] = "false",
        ["SharedCompilationId"] = null,
    };

    private static string Create()
    {
        var name = $"containerize-tests-{Guid.NewGuid():N}";
        // Else it would wait ten minutes for more work.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => ShutDown(name);
        return name;
    }

    private static void ShutDown(string name)
    {
        var server = Path.Combine(DotnetSdk.Current.Directory, "Roslyn", "bincore", "VBCSCompiler.dll");
        var command = new ProcessCommand(
            DotnetSdk.Current.HostPath,
            "exec",
            server,
            $"-pipename:{name}",
            "-shutdown") { InheritEnvironment = false, Environment = ChildEnvironment.Create() };
        ProcessRunner.RunAsync(command).Wait(TimeSpan.FromSeconds(5));
    }
}

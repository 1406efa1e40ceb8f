using System.Collections;
using System.Globalization;
using System.Text;
using Microsoft.Build.Execution;
using Microsoft.Build.Framework;
using Microsoft.Build.Logging;

namespace Containerize.Testing;

/// <summary>
/// <c>dotnet build</c> and <c>dotnet publish</c> without a process of their own: the same MSBuild, targets, tasks and console output, in
/// this process, where MSBuild is warm. It takes a fifth of the time.
/// </summary>
/// <remarks>
/// What a process alone has (its memory, signals, umask, culture) takes a process: <see cref="Sandbox.DotnetAsync(string[])"/>.
/// The environment and the current folder are this process's own and are changed for the length of a build, so tests that use this run one
/// after the other.
/// </remarks>
public static class DotnetInProcess
{
    // Where this process finds its MSBuild (MSBuildAssemblyResolver). A dotnet sets the same ones for itself.
    private static readonly string[] Kept = ["MSBUILD_EXE_PATH", "MSBuildExtensionsPath", "MSBuildSDKsPath", "DOTNET_HOST_PATH"];

    private static readonly SemaphoreSlim Gate = new(1, 1);

    /// <summary>Does what <c>dotnet</c> with these arguments does.</summary>
    /// <param name="arguments">The arguments: of a build or a publish of one project, and with the options that tests use.</param>
    /// <param name="environment">The whole environment; null values are of no effect.</param>
    /// <param name="workingDirectory">The folder that a relative path of a project starts from.</param>
    /// <exception cref="NotSupportedException">The arguments take a process.</exception>
    public static async Task<ProcessResult> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string?> environment, string workingDirectory)
    {
        var parsed = DotnetArguments.Parse(arguments);
        var project = ProjectFile(Path.Combine(workingDirectory, parsed.Project));
        await Gate.WaitAsync();
        try
        {
            // Of its own thread: the one of the test may have a context that a build would block.
            return await Task.Run(() =>
            {
                // DOTNET_CLI_UI_LANGUAGE of ChildEnvironment: messages are compared with English text.
                CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo("en");
                return Run(arguments, parsed, project, environment);
            });
        }
        finally
        {
            Gate.Release();
        }
    }

    private static ProcessResult Run(
        IReadOnlyList<string> arguments, DotnetArguments parsed, string project, IReadOnlyDictionary<string, string?> environment)
    {
        var output = new StringBuilder();
        var before = Current();
        var directory = Directory.GetCurrentDirectory();
        Replace(before, environment);
        try
        {
            var succeeded = (!parsed.Restores || Restore(project, parsed, output))
                && Build(project, parsed.Targets, parsed.Properties, Logger(parsed, output), BuildRequestDataFlags.None);
            return new ProcessResult(
                "dotnet " + string.Join(' ', arguments),
                succeeded ? 0 : 1,
                output.ToString().Replace("\r", "", StringComparison.Ordinal),
                "");
        }
        finally
        {
            Directory.SetCurrentDirectory(directory);
            Replace(Current(), before);
        }
    }

    // What `-restore` does: an evaluation of its own, without the imports that the restore is about to write.
    private static bool Restore(string project, DotnetArguments parsed, StringBuilder output)
    {
        var properties = new Dictionary<string, string>(parsed.Properties, StringComparer.OrdinalIgnoreCase)
        {
            ["ExcludeRestorePackageImports"] = "true",
            ["MSBuildRestoreSessionId"] = Guid.NewGuid().ToString("D"),
        };
        return Build(
            project,
            ["Restore"],
            properties,
            Logger(parsed, output),
            BuildRequestDataFlags.ClearCachesAfterBuild | BuildRequestDataFlags.SkipNonexistentTargets | BuildRequestDataFlags.IgnoreMissingEmptyAndInvalidImports);
    }

    private static bool Build(
        string project,
        IReadOnlyList<string> targets,
        IReadOnlyDictionary<string, string> properties,
        ILogger logger,
        BuildRequestDataFlags flags) =>
        BuildManagerHost.Build(
            project,
            targets,
            new Dictionary<string, string>(properties, StringComparer.OrdinalIgnoreCase),
            [logger],
            flags).OverallResult == BuildResultCode.Success;

    // The one that dotnet uses where its output is not a terminal's, with a node for each processor.
    private static ConsoleLogger Logger(DotnetArguments parsed, StringBuilder output) => new(
        parsed.Verbosity switch
        {
            "q" or "quiet" => LoggerVerbosity.Quiet,
            "m" or "minimal" => LoggerVerbosity.Minimal,
            "n" or "normal" => LoggerVerbosity.Normal,
            "d" or "detailed" => LoggerVerbosity.Detailed,
            "diag" or "diagnostic" => LoggerVerbosity.Diagnostic,
            var other => throw new NotSupportedException($"'{other}' is no verbosity."),
        },
        text =>
        {
            lock (output)
                output.Append(text);
        },
        _ => { },
        () => { })
    {
        Parameters = "ENABLEMPLOGGING",
    };

    private static string ProjectFile(string path) =>
        File.Exists(path) ? Path.GetFullPath(path) : Path.GetFullPath(Directory.GetFiles(path, "*.*proj").Single());

    private static Dictionary<string, string?> Current()
    {
        var variables = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            variables[(string)variable.Key] = (string?)variable.Value;
        return variables;
    }

    private static void Replace(Dictionary<string, string?> current, IReadOnlyDictionary<string, string?> wanted)
    {
        foreach (var name in current.Keys.Where(name => !wanted.ContainsKey(name) && !Kept.Contains(name, StringComparer.Ordinal)))
            Environment.SetEnvironmentVariable(name, null);
        foreach (var (name, value) in wanted)
            Environment.SetEnvironmentVariable(name, value);
    }
}

using System.Diagnostics;

namespace Containerize.Tests.Support;

/// <summary>Runs what only a shell can do, such as names that are no UTF-8.</summary>
internal static class Shell
{
    /// <summary>Runs a script in a folder; returns its output, and fails the test with its errors.</summary>
    public static string Run(string folder, string script, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", script])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"'{script}' failed: {error.Result}");
        return output;
    }
}

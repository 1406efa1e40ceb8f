using Containerize.Testing;

namespace Containerize.Benchmarks.Measuring;

/// <summary>The machine's disks.</summary>
public static class Disk
{
    /// <summary>
    /// Waits until everything that was written so far is on the disks. A registry flushes what it stores, and such a flush waits for all
    /// that the file system still has to write: without this, whoever runs after a competitor that writes much pays for what that one has
    /// written.
    /// </summary>
    public static async Task SettleAsync()
    {
        // Windows flushes single volumes, and for administrators only.
        if (!OperatingSystem.IsWindows())
            (await ProcessRunner.RunAsync(new ProcessCommand("sync"))).EnsureSuccess();
    }
}

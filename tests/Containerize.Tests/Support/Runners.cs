using Containerize.Hosting;

namespace Containerize.Tests.Support;

/// <summary>Runs programs for tests.</summary>
internal static class Runners
{
    // Only for the day on which something hangs.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <summary>This machine's programs.</summary>
    public static ProcessRunner Real() => new(new HostEnvironment(), TimeProvider.System);

    /// <summary>A program with a limit that plays no part.</summary>
    public static ProgramCall Call(string name, params string[] arguments) => new(name, arguments, Limit);

    /// <summary>Runs a program with a limit that plays no part.</summary>
    public static Task<ProcessOutcome?> RunAsync(
        this IProcessRunner processes,
        string name,
        string[] arguments,
        Func<Stream, CancellationToken, Task>? writeInput,
        CancellationToken cancellationToken) =>
        processes.RunAsync(Call(name, arguments) with { WriteInput = writeInput }, cancellationToken);
}

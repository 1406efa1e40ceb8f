using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>Something that goes on while other tasks run, and is waited for when the build ends. What comes of it nobody asks.</summary>
internal sealed class AtBuildEnd : IDisposable
{
    // A build does not hang for what is only tidy.
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly Task _work;

    private AtBuildEnd(Task work) => _work = work;

    /// <summary>Lets the end of the build wait; without an engine that knows of it, waits at once.</summary>
    public static void Wait(IBuildEngine? engine, Task work)
    {
        var end = new AtBuildEnd(work);
        if (engine is IBuildEngine4 objects)
            objects.RegisterTaskObject(end, end, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        else
            end.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _work.Wait(Longest);
        }
        catch (AggregateException)
        {
            // A file that is in use stays for the next build.
        }
    }
}

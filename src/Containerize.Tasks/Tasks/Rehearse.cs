using Containerize.Building;
using Containerize.Hosting;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// When the compiler has ended, or has had nothing to do, and an image will be made: MSBuild copies files with one processor, and the code that will
/// plan, build and push is loaded by another one. Once in a process is enough. Nothing depends on it, and nobody waits for it.
/// </summary>
[MSBuildMultiThreadableTask]
public sealed class Rehearse : ContainerizeTask
{
    private const string Key = "Containerize.Rehearsal/1";

    /// <summary>An assembly that nobody writes to: the project's own may be rewritten by what follows the compiler, which then must have it for itself.</summary>
    [Required]
    public string Assembly { get; set; } = "";

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken cancellationToken)
    {
        if (Environment.ProcessorCount > 1 && BuildEngine is IBuildEngine4 objects && objects.GetRegisteredTaskObject(Key, RegisteredTaskObjectLifetime.AppDomain) is null)
        {
            objects.RegisterTaskObject(Key, Key, RegisteredTaskObjectLifetime.AppDomain, allowEarlyCollection: false);
            var running = new Running(HostEnvironment, Assembly);
            objects.RegisterTaskObject(running, running, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        }

        return Task.CompletedTask;
    }

    // Ends with the build.
    private sealed class Running : IDisposable
    {
        private readonly CancellationTokenSource _ending = new();

        public Running(IEnvironment environment, string assembly)
        {
            var token = _ending.Token;
            _ = Task.Run(() => Rehearsal.RunAsync(environment, assembly, token), CancellationToken.None);
        }

        public void Dispose()
        {
            _ending.Cancel();
            _ending.Dispose();
        }
    }
}

using Containerize.Hosting;

namespace Containerize.Tasks;

/// <summary>What the library says → the task's log.</summary>
internal sealed class TaskLog(ContainerizeTask task) : IBuildLog
{
    public void Warn(string code, string message) => task.Warn(code, message);

    public void Tell(FormattableString message) => task.Tell(message);

    public void Inform(FormattableString message) => task.Inform(message);

    public void Trace(string message) => task.Trace(message);
}

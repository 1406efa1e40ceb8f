using Containerize.Hosting;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>
/// Whose turn it is with a project's publish folder: from the moment when it is emptied until the image has been built from it, or the build has
/// ended, a second publish of the project waits. It would take the first one's files away.
/// </summary>
/// <remarks>Within one process, whoever comes first has it for all: a build does not wait for itself.</remarks>
internal static class PublishFolderTurn
{
    /// <summary>Waits for it, unless this process has it already.</summary>
    /// <param name="engine">The build's engine.</param>
    /// <param name="folder">Where the project's steps keep their files, with a slash at its end.</param>
    /// <param name="clock">Measures the waiting.</param>
    /// <param name="waits">Is told once, when it takes long enough to wonder.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>False where another publish has it still, after ten minutes.</returns>
    public static async Task<bool> TakeAsync(IBuildEngine? engine, string folder, TimeProvider clock, Action waits, CancellationToken cancellationToken)
    {
        if (engine is not IBuildEngine4 objects || objects.GetRegisteredTaskObject(KeyOf(folder), RegisteredTaskObjectLifetime.Build) is not null)
            return true;
        var turn = await FileLock.EnterAsync(folder, "00", clock, waits, cancellationToken).ConfigureAwait(false);
        if (turn.IsAnothers)
            return false;
        objects.RegisterTaskObject(KeyOf(folder), turn, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: false);
        return true;
    }

    /// <summary>Gives it to the next one, if this process has it.</summary>
    /// <param name="engine">The build's engine.</param>
    /// <param name="folder">The folder that it was taken with.</param>
    public static void Leave(IBuildEngine? engine, string folder) =>
        ((engine as IBuildEngine4)?.UnregisterTaskObject(KeyOf(folder), RegisteredTaskObjectLifetime.Build) as IDisposable)?.Dispose();

    private static string KeyOf(string folder) => "Containerize.PublishFolderTurn " + folder;
}

namespace Containerize.Hosting;

/// <summary>
/// Keeps several processes of a machine, or several parts of one, from doing the same work at once. Where the folder cannot be written,
/// everybody goes on without, and so does a build that has spent its patience (<see cref="WaitingBudget"/>): the work is then done twice,
/// which is harmless.
/// </summary>
/// <remarks>
/// A file that only one may have open: the system gives it back, however the process ends. It stays where it is, empty: a process that
/// removed it could take it away from one who is just waiting for it.
/// </remarks>
internal sealed class FileLock : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    // A shorter wait is not noticed.
    private static readonly TimeSpan Noticeable = TimeSpan.FromSeconds(3);

    private readonly FileStream? _file;

    private FileLock(FileStream? file) => _file = file;

    /// <summary>Waits for its turn, as long as the build has patience; disposing gives it to the next one.</summary>
    /// <param name="folder">The folder of what is worked on, below which the files lie; null for a lock that locks nothing.</param>
    /// <param name="name">
    /// What is worked on, in hexadecimal digits. The first two choose the file: things that have them in common wait for each other.
    /// </param>
    /// <param name="patience">How long the build waits, all waiting together.</param>
    /// <param name="waits">Is told once, when it takes long enough to wonder.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public static async Task<FileLock> EnterAsync(
        string? folder, string name, WaitingBudget patience, Action? waits, CancellationToken cancellationToken)
    {
        var locks = folder is null ? null : Path.Combine(folder, "locks");
        var clock = patience.Clock;
        var started = clock.GetTimestamp();
        using var waiting = patience.Begin();
        while (locks is not null)
        {
            try
            {
                Folders.Create(locks);
                return new FileLock(Folders.OpenAlone(Path.Combine(locks, name[..2])));
            }
            catch (IOException e) when (IsTaken(e))
            {
                if (patience.IsSpent)
                    return new FileLock(null);
                if (waits is not null && clock.GetElapsedTime(started) >= Noticeable)
                {
                    waits();
                    waits = null;
                }

                await Task.Delay(Pause, clock, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new FileLock(null);
            }
        }

        return new FileLock(null);
    }

    /// <inheritdoc/>
    public void Dispose() => _file?.Dispose();

    /// <summary>
    /// Whether a file could not be opened because another process, or another part of this one, has it open alone: ERROR_SHARING_VIOLATION;
    /// elsewhere .NET passes on the errno of flock(2), EWOULDBLOCK of Linux or of macOS.
    /// </summary>
    public static bool IsTaken(IOException e) => e.HResult is unchecked((int)0x80070020) or 11 or 35;
}

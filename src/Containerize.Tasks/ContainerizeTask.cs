using System.Globalization;
using Containerize.Building;
using Containerize.Caches;
using Containerize.Checks;
using Containerize.Files;
using Containerize.Hosting;
using Containerize.Planning;
using Containerize.Stores;
using Microsoft.Build.Framework;
using Task = System.Threading.Tasks.Task;

namespace Containerize.Tasks;

/// <summary>
/// What all tasks have in common: cancellation, and failures as coded errors. Nothing leaves a task as an exception,
/// which MSBuild would show with a stack trace.
/// </summary>
public abstract class ContainerizeTask : Microsoft.Build.Utilities.Task, ICancelableTask, IDisposable
{
    private const string ErrorPages = "https://github.com/containerize/containerize/blob/main/docs/errors/";
    // Idle connections time out much earlier; this caps transfers that trickle.
    private static readonly TimeSpan MaxExchangeTime = TimeSpan.FromHours(1);
    // Characters. The exceptions that one failure can have, and where they come from, have a tenth of that.
    private const int MaxCauseChars = 200_000;
    // More names make no line that is read.
    private const int MaxNames = 5;
    private const int LongestName = 260;

    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The project file, which errors are reported at.</summary>
    public string? ProjectFile { get; set; }

    /// <summary><c>ContainerCacheDirectory</c>: where what all projects share is kept; empty for the system's place for caches.</summary>
    public string? CacheDirectory { get; set; }

    /// <summary>This process's environment; tests give their own.</summary>
    internal IEnvironment HostEnvironment { get; init; } = new HostEnvironment();

    /// <summary>This machine's programs; tests give their own.</summary>
    internal IProcessRunner Processes
    {
        get => field ??= new ProcessRunner(HostEnvironment, TimeProvider.System);
        init;
    }

    /// <summary>The clock that limits and pauses go by; tests give their own.</summary>
    internal TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <inheritdoc/>
    public void Cancel() => _cancellation.Cancel();

    /// <inheritdoc/>
    public sealed override bool Execute()
    {
        try
        {
            ExecuteAsync(_cancellation.Token).GetAwaiter().GetResult();
        }
        catch (ContainerizeException e)
        {
            Error(e.Code, e.Message);
            LogCause(e.InnerException);
        }
        catch (OperationCanceledException) when (_cancellation.IsCancellationRequested)
        {
            return false; // MSBuild says itself that the build was cancelled.
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // What users name (publish folder, archives, layouts) has its own codes; what is left are the build's own files.
            Error(
                ErrorCodes.IntermediateUnusable,
                $"A file of the build below 'obj' could not be read or written: {e.Message.TrimEnd('.')}. "
                    + "Check who may write there and the space on the disk; 'dotnet clean' removes what an earlier build left.");
            LogCause(e);
        }
        catch (Exception e)
        {
            Error(
                ErrorCodes.Internal,
                $"Containerize failed in a way that it did not foresee: {e.GetType().Name}: {e.Message.TrimEnd('.')}. "
                    + "This is a defect of Containerize: please report it with a log made with -v:detailed.");
            LogCause(e);
        }

        return !Log.HasLoggedErrors;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cancellation.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does the work.</summary>
    /// <exception cref="ContainerizeException">What the user is told.</exception>
    protected abstract Task ExecuteAsync(CancellationToken cancellationToken);

    /// <summary>Does something with registries within the time that it may take.</summary>
    /// <exception cref="ContainerizeException">It took longer (CTZ4007).</exception>
    private protected async Task WithinAsync(
        RegistrySettings settings, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        var limit = settings.Timeout ?? MaxExchangeTime;
        using var clock = new CancellationTokenSource(limit, Clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, clock.Token);
        try
        {
            await work(linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (clock.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new ContainerizeException(
                ErrorCodes.RegistryTimeLimit,
                "The exchange with the registries has taken longer than "
                    + $"{limit.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture)} s, and was ended. "
                    + "Look at the network and the registry, or allow more with ContainerRegistryTimeout, for example '2h'.",
                e);
        }
    }

    /// <summary>Warns with a code from <see cref="ErrorCodes"/>.</summary>
    protected internal void Warn(string code, string message) =>
        Log.LogWarning(null, code, code, ErrorPages + code + ".md", ProjectFile, 0, 0, 0, 0, "{0}", LogLine.Of(message));

    /// <summary>Says that something is wrong, and goes on; the task fails at its end.</summary>
    protected void Error(string code, string message) =>
        Log.LogError(null, code, code, ErrorPages + code + ".md", ProjectFile, 0, 0, 0, 0, "{0}", LogLine.Of(message));

    /// <summary>Tells what will not work in an image, as a warning or an error.</summary>
    private protected void Report(ImagePlan plan, IReadOnlyList<Finding> findings, bool isOneOfSeveral)
    {
        foreach (var finding in findings)
        {
            var message = isOneOfSeveral ? $"{plan.RuntimeIdentifier}: {finding.Message}" : finding.Message;
            if (plan.Checks == CheckSeverity.Error)
                Error(finding.Code, message);
            else
                Warn(finding.Code, message);
        }
    }

    /// <summary>
    /// Whether a warning with one of these codes would be an error. Without a code, <c>-warnaserror</c> is not to be seen here.
    /// </summary>
    private protected bool IsAnyAnError(IEnumerable<string> codes) =>
        BuildEngine is IBuildEngine8 engine && codes.Any(engine.ShouldTreatWarningAsError);

    /// <summary>Tells what people should see without asking for more.</summary>
    protected internal void Tell(FormattableString message) =>
        Log.LogMessage(MessageImportance.High, "{0}", LogLine.Of(message.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Tells about normal progress (seen with -v:normal in a log).</summary>
    protected internal void Inform(FormattableString message) =>
        Log.LogMessage(MessageImportance.Normal, "{0}", LogLine.Of(message.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Tells details (seen with -v:detailed).</summary>
    protected internal void Trace(string message) => Log.LogMessage(MessageImportance.Low, "{0}", LogLine.Of(message));

    /// <summary>A list for one line of the log.</summary>
    private protected static string Names(IReadOnlyList<string> names) =>
        ErrorText.List(names, MaxNames, LongestName);

    private protected BuildSession OpenSession(RegistrySettings settings) => BuildSession.Of(
        BuildEngine,
        HostEnvironment,
        Processes,
        Clock,
        Cache,
        settings,
        Log.LogsMessagesOfImportance(MessageImportance.Low) ? Trace : null,
        message => Tell($"{message}"));

    private protected SharedCache Cache => new(
        CacheDirectory, HostEnvironment, TimeProvider.System, message => Tell($"{message}"), BuildContext.Of(BuildEngine).Patience);

    private protected BaseResolver ResolverIn(BuildSession session, ImageFolder folder) => new(
        session.Registries,
        Processes,
        new ImportedImages(folder.Layers, folder.Bases, Environment.ProcessorCount),
        Cache.Layers,
        session.Bases,
        message => Tell($"{message}"));

    private protected BaseFileReader ContentsIn(string imageFolder) =>
        new(new FileListCache(Cache.Facts(Path.Combine(imageFolder, "contents"), FileListCache.Version)));

    private protected BuiltLayers LayersIn(BuildSession session, ImageFolder folder) => new(ResolverIn(session, folder), session.Previous);

    private void LogCause(Exception? cause)
    {
        if (cause is not null)
            Log.LogMessage(MessageImportance.Low, "{0}", LogLine.OfEach(ErrorText.WithoutLogins(cause.ToString()), MaxCauseChars));
    }
}

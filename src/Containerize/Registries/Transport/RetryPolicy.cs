using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Polly;
using Polly.Retry;

namespace Containerize.Registries.Transport;

/// <summary>
/// When something is tried again, and after how long: 408, 429, 5xx and broken connections, up to four times, after
/// what Retry-After says or 1, 2, 4, 8 s with jitter. Used by the retry handler for single requests and by uploads for
/// a whole session, never by both at once.
/// </summary>
internal sealed class RetryPolicy
{
    private const int Retries = 4;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    // Docker Hub's rate limit asks for hours, which is too long for a build.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(2);
    private static readonly ResiliencePropertyKey<RegistryCall> CallKey = new("call");

    private readonly TimeProvider _clock;
    private readonly Action<string>? _notice;

    // Making it takes a third as long as the first request of a process, and nearly no build needs it.
    private readonly Lazy<ResiliencePipeline<HttpResponseMessage>> _pipeline;

    public RetryPolicy(TimeProvider clock, Action<string>? notice)
    {
        _clock = clock;
        _notice = notice;
        _pipeline = new(() => new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = Retries,
                Delay = TimeSpan.FromSeconds(1),
                MaxDelay = LongestDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is { } exception ? IsTransient(exception) : IsTransient(args.Outcome.Result!)),
                DelayGenerator = args => ValueTask.FromResult(RetryAfter(args.Outcome.Result)),
                OnRetry = args =>
                {
                    Tell(args);
                    return default;
                },
            })
            .Build());
    }

    /// <summary>Runs attempts until one succeeds or is no use repeating; the last one's outcome is the outcome.</summary>
    /// <param name="call">What is attempted, for the notice.</param>
    /// <param name="attempt">One attempt, from its start.</param>
    /// <param name="cancellationToken">Ends attempts and the pauses between them.</param>
    public async Task<HttpResponseMessage> ExecuteAsync(
        RegistryCall call, Func<CancellationToken, Task<HttpResponseMessage>> attempt, CancellationToken cancellationToken)
    {
        Task<HttpResponseMessage> first = attempt(cancellationToken);
        await ((Task)first).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var isOver = first.IsCanceled
            || (first.Exception is { } failure ? !IsTransient(failure.InnerException!) : !IsTransient(await first.ConfigureAwait(false)));
        return await (isOver ? first : RetryAsync(call, first, attempt, cancellationToken)).ConfigureAwait(false);
    }

    private async Task<HttpResponseMessage> RetryAsync(
        RegistryCall call,
        Task<HttpResponseMessage>? first,
        Func<CancellationToken, Task<HttpResponseMessage>> attempt,
        CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        try
        {
            context.Properties.Set(CallKey, call);
            return await _pipeline.Value.ExecuteAsync(
                async c =>
                    await (
                        Interlocked.Exchange(ref first, null)
                            ?? attempt(c.CancellationToken)).ConfigureAwait(false), context).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private bool IsTransient(HttpResponseMessage response) =>
        (response.StatusCode is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
            || ((int)response.StatusCode is >= 500 or 499
                && response.StatusCode is not (HttpStatusCode.NotImplemented or HttpStatusCode.HttpVersionNotSupported)))
        && !(RetryAfter(response) > LongestRetryAfter);

    private static bool IsTransient(Exception exception)
    {
        // A name that does not exist, a closed port and a wrong certificate do not change within seconds.
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException or SocketException
                { SocketErrorCode: SocketError.ConnectionRefused or SocketError.HostNotFound })
                return false;
        }

        return exception switch
        {
            HttpRequestException e => e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError or HttpRequestError.Unknown,
            IOException => true,
            _ => false,
        };
    }

    private TimeSpan? RetryAfter(HttpResponseMessage? response)
    {
        var header = response?.Headers.RetryAfter;
        var delay = header?.Delta ?? (header?.Date is { } date ? date - _clock.GetUtcNow() : null);
        return delay > TimeSpan.Zero ? delay : null;
    }

    private void Tell(OnRetryArguments<HttpResponseMessage> args)
    {
        if (_notice is null || !args.Context.Properties.TryGetValue(CallKey, out var call))
            return;
        var reason = args.Outcome.Result is { } response
            ? string.Create(CultureInfo.InvariantCulture, $"answered {(int)response.StatusCode}")
            : "broke the connection";
        _notice(string.Create(
            CultureInfo.InvariantCulture,
            $"The registry '{call.Host}' {reason} for {call.What}; trying again in {args.RetryDelay.TotalSeconds:0.#} s (attempt "
                + $"{args.AttemptNumber + 2} of {Retries + 1})."));
    }
}

using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Containerize.Testing.Registries.Recording;

/// <summary>Keeps what arrives at one of the hosts, in the order of arrival.</summary>
internal sealed class RequestLog
{
    private readonly List<Entry> _entries = [];

    public IReadOnlyList<RecordedRequest> Snapshot()
    {
        lock (_entries)
            return [.. _entries.Select(entry => entry.ToRecord())];
    }

    public void Clear()
    {
        lock (_entries)
            _entries.Clear();
    }

    public Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        var entry = new Entry(context.Request);
        lock (_entries)
            _entries.Add(entry);
        context.Request.Body = new CountingStream(context.Request.Body, count => Interlocked.Add(ref entry.BodyLength, count));
        var lifetime = new NoticedLifetime(context.Features.GetRequiredFeature<IHttpRequestLifetimeFeature>());
        context.Features.Set<IHttpRequestLifetimeFeature>(lifetime);
        // Before the client can see the response: a test that has got its answer finds the status here.
        context.Response.OnStarting(() =>
        {
            if (!lifetime.WasCut)
                entry.Status = context.Response.StatusCode;
            return Task.CompletedTask;
        });
        return next(context);
    }

    /// <summary>Kestrel goes through the motions of an answer even after the connection was cut; this tells the two apart.</summary>
    private sealed class NoticedLifetime(IHttpRequestLifetimeFeature inner) : IHttpRequestLifetimeFeature
    {
        public bool WasCut { get; private set; }

        public CancellationToken RequestAborted
        {
            get => inner.RequestAborted;
            set => inner.RequestAborted = value;
        }

        public void Abort()
        {
            WasCut = true;
            inner.Abort();
        }
    }

    private sealed class Entry(HttpRequest request)
    {
        public long BodyLength;

        private readonly string _method = request.Method;
        private readonly string _target = request.HttpContext.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        private readonly Dictionary<string, string> _headers =
            request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

        public int? Status { get; set; }

        public RecordedRequest ToRecord() => new(_method, _target, _headers, Interlocked.Read(ref BodyLength), Status);
    }
}

using System.Globalization;
using System.Text;

namespace Containerize.Registries.Transport;

/// <summary>One line for every exchange with a server.</summary>
internal sealed class TraceHandler(Action<string> trace, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // What may be shown of a query. All else is a session's state, a signature or a stranger's idea.
    private static readonly string[] Shown = ["digest", "mount", "from", "scope", "service", "client_id", "n"];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var line = $"{request.Method} {Redact(request.RequestUri!)}";
        var started = clock.GetTimestamp();
        try
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            trace(string.Create(CultureInfo.InvariantCulture, $"{line}: {(int)response.StatusCode} in {Elapsed(started):0} ms"));
            return response;
        }
        catch (Exception e)
        {
            trace(string.Create(CultureInfo.InvariantCulture, $"{line}: {e.GetType().Name} after {Elapsed(started):0} ms"));
            throw;
        }
    }

    /// <summary>An address as it may be shown: without user info, and with the values of known parameters only.</summary>
    public static string Redact(Uri uri)
    {
        var text = new StringBuilder($"{uri.Scheme}://{CanonicalHost.AuthorityOf(uri)}{uri.AbsolutePath}");
        var separator = '?';
        foreach (var parameter in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? parameter : parameter[..equals];
            text.Append(separator).Append(equals < 0 || Shown.Contains(name) ? parameter : name + "=…");
            separator = '&';
        }

        return text.ToString();
    }

    private double Elapsed(long started) => clock.GetElapsedTime(started).TotalMilliseconds;
}

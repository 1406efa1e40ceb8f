using System.Net;
using Containerize.Registries.Endpoints;

namespace Containerize.Registries.Transport;

/// <summary>
/// Follows redirects by hand (distribution-spec: a client "MUST NOT forward the Authorization header" to another host).
/// The authentication handler lies below and adds the header again where the target is the registry itself.
/// </summary>
internal sealed class RedirectHandler(InsecureHosts insecure, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const int Limit = 8;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var hop = 0; ; hop++)
        {
            var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
            if (!IsRedirect(response.StatusCode) || hop == Limit)
                return response;
            if (Addresses.Resolve(request.RequestUri!, response.Location) is not { } target)
                return response;

            var call = request.Call;
            var from = request.RequestUri!;
            var keepsCredentials = call.BringsCredentials && CanonicalHost.Trusts(from, target);
            if (call.BringsCredentials && !keepsCredentials && request.Content is not null)
                return response;
            Guard(call, from, target, response.StatusCode);
            // 307 and 308 keep method and body. So do 301 and 302 here: an upload that became a GET would send nothing. By 303 it has
            // to become one (RFC 9110, 15.4.4), and whatever is read then says nothing of what was to be written.
            if (response.StatusCode == HttpStatusCode.SeeOther && request.Method != HttpMethod.Get && request.Method != HttpMethod.Head)
                return response;

            response.Dispose();
            // Storage takes the signature in its address; a second kind of authorization beside it is a 400 at S3.
            if (!keepsCredentials)
            {
                call.LostCredentials |= call.BringsCredentials && request.Headers.Authorization is not null;
                request.Headers.Authorization = null;
            }

            request.RequestUri = target;
            call.RedirectedTo = call.Host.Owns(target) && !call.LostCredentials ? null : CanonicalHost.AuthorityOf(target);
        }
    }

    private void Guard(RegistryCall call, Uri from, Uri target, HttpStatusCode status)
    {
        if (call.Host.Owns(target))
            return;
        var reason = DestinationGuard.Refuse(call.Host, insecure, from, target);
        if (reason is not null)
        {
            throw new RegistryException(
                RegistryFailure.Misdirected,
                $"The registry '{call.Host}' redirects {call.What} to '{CanonicalHost.AuthorityOf(target)}', which is not followed: "
                    + $"{reason}.",
                call.Host.Name,
                call.Repository,
                status);
        }
    }

    private static bool IsRedirect(HttpStatusCode status) => status
        is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
        or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect;
}

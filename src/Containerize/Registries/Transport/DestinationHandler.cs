namespace Containerize.Registries.Transport;

/// <summary>
/// The last look at where a request goes, wherever its address comes from: link-local addresses, and those where clouds serve secrets, are
/// asked only where the user's own reference names that very host. Directly above the connections, so that nothing gets past it.
/// </summary>
internal sealed class DestinationHandler(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (call, uri) = (request.Call, request.RequestUri!);
        if (!DestinationGuard.IsNamed(call, uri) && CanonicalHost.Of(uri) is { IsMetadata: true } or { IsValid: false })
            throw Refused(call, uri, DestinationGuard.Metadata, null);
        try
        {
            return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (e.InnerException is RefusedAddressException refused)
        {
            throw Refused(call, uri, $"{refused.Message}, and {DestinationGuard.Metadata}", e);
        }
    }

    private static RegistryException Refused(RegistryCall call, Uri uri, string reason, Exception? cause) => new(
        RegistryFailure.Misdirected,
        $"For {call.What} of the registry '{call.Host}', '{ErrorText.Clean(CanonicalHost.AuthorityOf(uri), 260)}' would have to be "
            + $"asked, which is not done: {reason}.",
        call.Host.Name,
        call.Repository,
        inner: cause);
}

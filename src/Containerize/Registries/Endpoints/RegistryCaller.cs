using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Endpoints;

/// <summary>Sends requests and turns whatever goes wrong into a <see cref="RegistryException"/>.</summary>
internal sealed class RegistryCaller(HttpMessageInvoker pipeline, RetryPolicy retries)
{
    /// <summary>One request, repeated by the retry handler where that makes sense.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await SendOnceAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (Failed(e, request.Call, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>A sequence of requests that is repeated as a whole. The attempt sends them with <see cref="SendOnceAsync"/>.</summary>
    public async Task<HttpResponseMessage> RetryAsync(
        RegistryCall call, Func<CancellationToken, Task<HttpResponseMessage>> attempt, CancellationToken cancellationToken)
    {
        try
        {
            return await retries.ExecuteAsync(call, attempt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (Failed(e, call, cancellationToken) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>One request; what goes wrong is thrown as the transport throws it.</summary>
    public async Task<HttpResponseMessage> SendOnceAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
        response.RequestMessage = request;
        return response;
    }

    /// <summary>The failure that an exception of the transport means; null for all others.</summary>
    public static RegistryException? Failed(Exception exception, RegistryCall call, CancellationToken cancellationToken)
    {
        switch (exception)
        {
            case HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }:
                return new RegistryException(
                    RegistryFailure.InvalidContent,
                    $"The registry '{call.Host}' sent more than the {call.BufferLimit} bytes that are accepted for {call.What}.",
                    call.Host.Name,
                    call.Repository,
                    inner: exception);
            case HttpRequestException or IOException or SocketException:
                return new RegistryException(
                    RegistryFailure.Unreachable,
                    $"The registry '{call.Host}' could not be asked for {call.What}{Redirected(call)}: {Reason(exception, call)}",
                    call.Host.Name,
                    call.Repository,
                    inner: exception);
            // SocketsHttpHandler reports its connect timeout as a cancellation.
            case TimeoutException or OperationCanceledException when !cancellationToken.IsCancellationRequested:
                var silence = exception is TimeoutException ? exception.Message : "No connection came about in time.";
                return new RegistryException(
                    RegistryFailure.TimedOut,
                    $"The registry '{call.Host}' could not be asked for {call.What}{Redirected(call)}: it does not answer. {silence}",
                    call.Host.Name,
                    call.Repository,
                    inner: exception);
            default:
                return null;
        }
    }

    /// <summary>The failure that an answer means.</summary>
    public static async Task<RegistryException> RefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var call = response.RequestMessage!.Call;
        var status = (int)response.StatusCode;
        var failure = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => RegistryFailure.Unauthorized,
            HttpStatusCode.Forbidden => RegistryFailure.Denied,
            HttpStatusCode.NotFound => RegistryFailure.NotFound,
            _ => RegistryFailure.Rejected,
        };
        var said = await ErrorAnswer.ReadAsync(response, cancellationToken).ConfigureAwait(false);
        var message = string.Create(
            CultureInfo.InvariantCulture,
            $"The registry '{call.Host}' was asked for {call.What}{Redirected(call)} and answered {status} "
                + $"({Name(response)}){(said.Text.Length == 0 ? "" : ": " + said.Text)}.");
        // Not followed, see RedirectHandler.
        if (response.StatusCode != HttpStatusCode.SeeOther && status is 301 or 302 or 307 or 308)
            message += " There are too many redirects, or the last one leads to no address in http or https.";
        if (response.StatusCode == HttpStatusCode.SeeOther)
            message += " It names another address to read from instead of taking what was sent, so nothing is known to be stored.";
        if (failure is RegistryFailure.Unauthorized or RegistryFailure.Denied && call.Authentication is { } authentication)
            message += " " + authentication;
        return new RegistryException(failure, message, call.Host.Name, call.Repository, response.StatusCode)
        {
            Codes = said.Codes,
            HasLogin = call.HasLogin,
            Reason = RefusalReasons.Of(response.RequestMessage!.Method, response.StatusCode, said, call),
        };
    }

    private static string Redirected(RegistryCall call) =>
        call.RedirectedTo is { } host ? $" (which it redirects to '{ErrorText.Clean(host, 260)}')" : "";

    private static string Name(HttpResponseMessage response) =>
        Enum.IsDefined(response.StatusCode) ? response.StatusCode.ToString() : ErrorText.Clean(response.ReasonPhrase ?? "unknown", 60);

    private static string Reason(Exception exception, RegistryCall call)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case SocketException { SocketErrorCode: SocketError.ConnectionRefused }:
                    return $"nothing accepts connections {Where(exception, call)} (connection refused). "
                        + "Is the registry running, and is this its port?";
                case SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain or SocketError.NoData }:
                    return "its name cannot be resolved. Is it spelled right, and is there a network?";
                case AuthenticationException:
                    return $"its certificate was not accepted, or it does not speak TLS ({ErrorText.Clean(e.Message, 200).TrimEnd('.')}). "
                        + "Name its authority in certs.d or SSL_CERT_FILE, or a registry without TLS in "
                        + "DOTNET_CONTAINER_INSECURE_REGISTRIES.";
            }
        }

        // A proxy stands between, perhaps, which .NET's own words name.
        static string Where(Exception exception, RegistryCall call) =>
            exception.Message is var message && message.LastIndexOf('(') is >= 0 and var start && message.EndsWith(')')
                && message[(start + 1)..^1] is var address
            && !address.StartsWith(call.Host.Name, StringComparison.OrdinalIgnoreCase)
            ? $"at {ErrorText.Clean(address, 260)}, where it is asked for,"
            : "there";

        return $"the connection failed ({ErrorText.Clean(exception.GetBaseException().Message, 200).TrimEnd('.')}).";
    }
}

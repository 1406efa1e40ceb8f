using System.Text;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Faults;

/// <summary>The usual faults.</summary>
public static class Fault
{
    /// <summary>Answers with a status instead of doing what was asked. The request's body is read to its end first.</summary>
    /// <param name="status">The status.</param>
    /// <param name="body">The response's body; an error of a registry is JSON, one of a proxy in front of it need not be.</param>
    /// <param name="headers">Such as <c>("Retry-After", "3")</c>.</param>
    public static FaultAction Status(int status, string? body = null, params IReadOnlyList<(string Name, string Value)> headers) =>
        async (context, _) =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            context.Response.StatusCode = status;
            foreach (var (name, value) in headers)
                context.Response.Headers.Append(name, value);
            var bytes = Encoding.UTF8.GetBytes(body ?? "");
            context.Response.ContentLength = bytes.Length;
            if (!HttpMethods.IsHead(context.Request.Method))
                await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        };

    /// <summary>Waits, then does what was asked.</summary>
    public static FaultAction Delay(TimeSpan delay) => async (context, next) =>
    {
        await Task.Delay(delay, context.RequestAborted);
        await next(context);
    };

    /// <summary>Waits until the test lets go, then does what was asked: a slow server without a clock.</summary>
    public static FaultAction WaitFor(Task release) => async (context, next) =>
    {
        await release.WaitAsync(context.RequestAborted);
        await next(context);
    };

    /// <summary>Cuts the connection without an answer, after so many bytes of the request's body were read.</summary>
    public static FaultAction Abort(long afterRequestBytes = 0) => async (context, _) =>
    {
        var buffer = new byte[16 * 1024];
        for (var left = afterRequestBytes; left > 0;)
        {
            var count = await context.Request.Body.ReadAsync(
                buffer.AsMemory(0, (int)Math.Min(left, buffer.Length)), context.RequestAborted);
            if (count == 0)
                break;
            left -= count;
        }
        context.Abort();
    };

    /// <summary>The registry takes so many bytes of the request's body for good; then the connection breaks without an answer.</summary>
    public static FaultAction BreakRequest(long afterBytes) => async (context, next) =>
    {
        context.Request.Body = new BrokenBodyStream(context.Request.Body, afterBytes);
        try
        {
            await next(context);
        }
        catch (IOException)
        {
            context.Abort();
        }
    };

    /// <summary>
    /// Does what was asked, but the connection ends after so many bytes of the response's body; Content-Length tells the whole.
    /// </summary>
    public static FaultAction TruncateBody(long afterBytes) => async (context, next) =>
    {
        var original = context.Response.Body;
        context.Response.Body = new AlteredBodyStream(original, (position, bytes) =>
            bytes[..(int)Math.Clamp(afterBytes - position, 0, bytes.Length)]);
        await next(context);
        context.Response.Body = original;
        // A body that stays behind its length makes Kestrel close the connection, once the head of the answer is on its way.
        await context.Response.StartAsync();
    };

    /// <summary>Does what was asked, with one byte of the response's body turned round.</summary>
    public static FaultAction FlipByte(long offset = 0) => async (context, next) =>
    {
        var original = context.Response.Body;
        context.Response.Body = new AlteredBodyStream(original, (position, bytes) =>
        {
            if (offset < position || offset >= position + bytes.Length)
                return bytes;
            var altered = bytes.ToArray();
            altered[offset - position] ^= 0xff;
            return altered;
        });
        await next(context);
        context.Response.Body = original;
    };

    /// <summary>Does what was asked, with a header of the response changed; null takes it away.</summary>
    public static FaultAction SetHeader(string name, string? value) => (context, next) =>
    {
        context.Response.OnStarting(() =>
        {
            if (value is null)
                context.Response.Headers.Remove(name);
            else
                context.Response.Headers[name] = value;
            return Task.CompletedTask;
        });
        return next(context);
    };
}

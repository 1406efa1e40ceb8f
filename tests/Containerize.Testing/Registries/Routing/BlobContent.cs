using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Routing;

/// <summary>Sends a blob or the part of it that was asked for.</summary>
internal static class BlobContent
{
    public static async Task WriteAsync(HttpContext context, byte[] content, bool ranges)
    {
        var response = context.Response;
        response.ContentType = "application/octet-stream";
        var range = ranges ? ByteRange.FromRange(context.Request.Headers.Range, content.Length) : null;
        if (ranges)
            response.Headers.AcceptRanges = "bytes";
        if (range is { Length: <= 0 })
        {
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes */{content.Length}");
            response.ContentLength = 0;
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            return;
        }
        var body = content.AsMemory();
        if (range is { } part)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            response.Headers.ContentRange = string.Create(CultureInfo.InvariantCulture, $"bytes {part.First}-{part.Last}/{content.Length}");
            body = body.Slice((int)part.First, (int)part.Length);
        }
        response.ContentLength = body.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
            await response.Body.WriteAsync(body, context.RequestAborted);
    }
}

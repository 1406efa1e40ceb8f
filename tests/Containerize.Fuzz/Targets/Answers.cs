using System.Net;
using System.Text;
using Containerize.Hosting;
using Containerize.Registries;

namespace Containerize.Fuzz.Targets;

/// <summary>Answers of registries and token servers, by way of the whole client but without a network.</summary>
internal static class Answers
{
    private const string Registry = "r.example";

    /// <summary>Headers that say how to log in, one on each line.</summary>
    public static void Challenge(byte[] input)
    {
        var challenges = Header(input).Split('\n');
        Ask(request => request.Headers.Authorization is null && request.RequestUri!.AbsolutePath.StartsWith(
            "/v2/", StringComparison.Ordinal)
            ? Unauthorized(challenges)
            : Answer(HttpStatusCode.OK, """{"token":"t"}"""u8));
    }

    /// <summary>What a token server answers.</summary>
    public static void Token(byte[] input) => Ask(request => request.RequestUri!.Host == Registry
        ? Unauthorized("Bearer realm=\"https://token.example/\"")
        : Answer(HttpStatusCode.OK, input));

    /// <summary>A header that says where a list goes on.</summary>
    public static void Link(byte[] input)
    {
        var header = Header(input);
        Ask(request =>
        {
            var answer = Answer(HttpStatusCode.OK, """{"tags":["1.0"]}"""u8);
            if (request.RequestUri!.Query == "?n=1000")
                answer.Headers.TryAddWithoutValidation("Link", header);
            return answer;
        });
    }

    /// <summary>An error. The first byte chooses how it is sent.</summary>
    public static void Errors(byte[] input)
    {
        if (input.Length == 0)
            return;
        HttpStatusCode[] codes = [HttpStatusCode.BadRequest, HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.RequestEntityTooLarge];
        Ask(_ =>
        {
            var answer = Answer(codes[input[0] & 3], input.AsSpan(1));
            answer.Content.Headers.TryAddWithoutValidation("Content-Type", (input[0] & 4) == 0 ? "application/json" : "text/plain");
            return answer;
        });
    }

    private static void Ask(Func<HttpRequestMessage, HttpResponseMessage> answer)
    {
        using var network = new Network(answer);
        using var client = new RegistryClient(
            new RegistryClientOptions { Environment = new Nowhere(), Processes = new Nothing() }, network);
        try
        {
            client.Repository(Registry, "app").ListTagsAsync(CancellationToken.None).GetAwaiter().GetResult();
        }
        catch (RegistryException e)
        {
            // Documented for all that goes wrong.
            Messages.Check(e);
        }
    }

    // As HttpClient reads headers. Line breaks cannot be in one.
    private static string Header(byte[] input) =>
        Encoding.Latin1.GetString(input).Replace("\r", "", StringComparison.Ordinal).Replace("\0", "", StringComparison.Ordinal);

    private static HttpResponseMessage Unauthorized(params string[] challenges)
    {
        var answer = Answer(HttpStatusCode.Unauthorized, []);
        foreach (var challenge in challenges)
            answer.Headers.TryAddWithoutValidation("WWW-Authenticate", challenge);
        return answer;
    }

    private static HttpResponseMessage Answer(HttpStatusCode status, ReadOnlySpan<byte> body) =>
        new(status) { Content = new ByteArrayContent(body.ToArray()) };

    private sealed class Network(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = answer(request);
            response.RequestMessage = request;
            return Task.FromResult(response);
        }
    }

    /// <summary>A machine on which nothing is configured.</summary>
    private sealed class Nowhere : IEnvironment
    {
        public string HomeDirectory => Path.Combine(AppContext.BaseDirectory, "no-such-home");

        public string SystemDirectory => Path.Combine(AppContext.BaseDirectory, "no-such-etc");

        public string? RuntimeDirectory => null;

        public string? GetVariable(string name) => null;
    }

    private sealed class Nothing : IProcessRunner
    {
        public Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken) =>
            Task.FromResult<ProcessOutcome?>(null);
    }
}

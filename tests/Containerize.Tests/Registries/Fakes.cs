using Containerize.Hosting;

namespace Containerize.Tests.Registries;

/// <summary>An environment that holds what a test puts there.</summary>
internal sealed class FakeEnvironment : IEnvironment
{
    public Dictionary<string, string> Variables { get; } = [];

    public string HomeDirectory { get; set; } = Path.Combine(Path.GetTempPath(), "no-such-home");

    public string SystemDirectory { get; set; } = Path.Combine(Path.GetTempPath(), "no-such-etc");

    public string? RuntimeDirectory { get; set; }

    public string? GetVariable(string name) => Variables.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}

/// <summary>Programs that are lambdas: from what was written to their input to how they end; null for no such program.</summary>
internal sealed class FakeProcesses : IProcessRunner
{
    public Dictionary<string, Func<string, CancellationToken, Task<ProcessOutcome>>> Programs { get; } = [];

    /// <summary>Program, arguments and input of every run.</summary>
    public List<string> Runs { get; } = [];

    public void Add(string program, int exitCode, string output, string error = "") =>
        Programs[program] = (_, _) => Task.FromResult(new ProcessOutcome(exitCode, output, error));

    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        using var input = new MemoryStream();
        if (call.WriteInput is not null)
            await call.WriteInput(input, cancellationToken);
        var text = System.Text.Encoding.UTF8.GetString(input.ToArray());
        Runs.Add($"{call.Name} {string.Join(' ', call.Arguments)} <<< {text}");
        return Programs.TryGetValue(call.Name, out var program) ? await program(text, cancellationToken) : null;
    }
}

/// <summary>A network that is a lambda, and remembers what was sent.</summary>
internal sealed class FakeNetwork(Func<HttpRequestMessage, HttpResponseMessage?> answer) : HttpMessageHandler
{
    private readonly Lock _lock = new();

    /// <summary>Method and address, and in brackets the Authorization header where there is one.</summary>
    public List<string> Sent { get; } = [];

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var authorization = request.Headers.Authorization is { } header ? $" [{header}]" : "";
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
        lock (_lock)
            Sent.Add(
                $"{request.Method} "
                    + $"{request.RequestUri!.AbsoluteUri}{authorization}{(body.Length > 0 ? " <<< " + System.Text.Encoding.UTF8.GetString(body) : "")}");
        var response = answer(request) ?? throw new InvalidOperationException("Nobody answers " + request.RequestUri);
        response.RequestMessage = request;
        return response;
    }
}

using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Containerize.Hosting;
using Containerize.Images;

namespace Containerize.Registries.Credentials;

/// <summary>
/// Runs <c>docker-credential-&lt;name&gt; get</c> (docker-credential-helpers, "Usage"): the key on standard input without
/// a line break, JSON on standard output.
/// </summary>
internal sealed class CredentialHelper(IProcessRunner processes, TimeProvider clock)
{
    private const string NotFound = "credentials not found in native keychain";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<(string Helper, string Key), Answer> _known = new();

    /// <summary>The credential that a helper has; null for none.</summary>
    /// <param name="helper">Its name, without <c>docker-credential-</c>.</param>
    /// <param name="key">The registry as it is filed.</param>
    /// <param name="source">The file that names the helper.</param>
    /// <param name="required">
    /// Whether its absence is an error. It is where the helper is named for this registry; one for all registries is often
    /// left behind by a Docker Desktop that is no longer there, and a public image can be had without it.
    /// </param>
    /// <param name="query">What for.</param>
    /// <param name="looked">Receives the helper's name.</param>
    /// <param name="cancellationToken">Ends the helper.</param>
    public async Task<Credential?> GetAsync(
        string helper,
        string key,
        string source,
        bool required,
        CredentialQuery query,
        ICollection<string> looked,
        CancellationToken cancellationToken)
    {
        var program = "docker-credential-" + helper;
        if (helper.AsSpan().ContainsAny("/\\\0"))
            throw query.Unreadable($"{source} names a credential helper '{ErrorText.Clean(helper, 60)}', which is not a program's name.");
        if (!_known.TryGetValue((helper, key), out var answer))
            _known[(helper, key)] = answer = await AnswerAsync(program, key, query, cancellationToken).ConfigureAwait(false);
        if (answer.Failure is { } failure)
            throw query.Unreadable(failure.Message, failure);

        looked.Add($"{program} (for '{key}'{(answer.Missing ? ", but there is no such program" : "")})");
        if (answer.Missing && required)
        {
            throw query.Unreadable(
                $"{source} names the credential helper '{program}' for the registry '{query.Host}', but no such program is in PATH.");
        }

        return answer.User is null ? null : AuthFile.Credential(answer.User, answer.Secret!, $"{program} (named in {source})");
    }

    // A failure is known, too: asking again what hangs would take as long again.
    private async Task<Answer> AnswerAsync(string program, string key, CredentialQuery query, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(program, key, query, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException e)
        {
            return new Answer(null, null, missing: false, e);
        }
    }

    private async Task<Answer> RunAsync(string program, string key, CredentialQuery query, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, clock);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        ProcessOutcome? outcome;
        try
        {
            outcome = await StartAsync(program, key, linked.Token).ConfigureAwait(false);
            // Windows finds .exe by itself, but not the scripts that some helpers are.
            if (outcome is null && OperatingSystem.IsWindows())
                outcome = await StartAsync(program + ".cmd", key, linked.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            throw query.Unreadable(
                $"The credential helper '{program}' did not end within {Limit.TotalSeconds:0} s. "
                    + "Run it by hand to see what it waits for, or prints.",
                e);
        }

        if (outcome is null)
            return new Answer(null, null, missing: true);
        if (outcome.ExitCode == 0)
            return Read(program, outcome.Output, query);
        // By the helpers' protocol, errors are told on standard output.
        if (outcome.Output.Contains(NotFound, StringComparison.OrdinalIgnoreCase))
            return new Answer(null, null, missing: false);
        // But one that fails after its answer has told a secret.
        var told = outcome.Output.Contains('{', StringComparison.Ordinal) || outcome.Output.Contains(
            "Secret", StringComparison.OrdinalIgnoreCase) ? "" : outcome.Output;
        var said = ErrorText.Clean(told.Length > 0 ? told : outcome.Error, 200).TrimEnd('.');
        throw query.Unreadable(
            $"The credential helper '{program}' failed for '{key}' with exit code "
                + $"{outcome.ExitCode}{(said.Length > 0 ? ": " + said : "")}.");
    }

    private Task<ProcessOutcome?> StartAsync(string program, string key, CancellationToken cancellationToken) =>
        processes.RunAsync(
            new ProgramCall(program, ["get"], Limit)
            {
                WriteInput = async (input, token) => await input.WriteAsync(Encoding.UTF8.GetBytes(key), token).ConfigureAwait(false),
            },
            cancellationToken);

    private static Answer Read(string program, string output, CredentialQuery query)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            if (document.RootElement.ValueKind == JsonValueKind.Object && document.RootElement.OptionalString("Secret") is { } secret)
            {
                var user = document.RootElement.OptionalString("Username") ?? "";
                return user.Length == 0 && secret.Length == 0 ? new Answer(null, null, missing: false)
                    : new Answer(user, secret, missing: false);
            }
        }
        catch (JsonException)
        {
            // The exception's text might quote a secret; it is not passed on.
        }

        throw query.Unreadable($"The credential helper '{program}' answered with something else than the JSON that it should.");
    }

    private sealed class Answer(string? user, string? secret, bool missing, RegistryException? failure = null)
    {
        public string? User { get; } = user;

        public string? Secret { get; } = secret;

        public bool Missing { get; } = missing;

        public RegistryException? Failure { get; } = failure;
    }
}

using System.Text;

namespace Containerize.Registries.Authentication;

/// <summary>One way of authenticating that a server offers (RFC 9110 §11.3).</summary>
/// <param name="Scheme">For example Bearer; compared without case.</param>
/// <param name="Parameters">Names in lower case.</param>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public bool IsBearer => Scheme.Equals("Bearer", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether it says all that an answer needs: a Bearer without a realm does not (RFC 6750, 3).</summary>
    public bool CanBeAnswered => IsBasic || (IsBearer && this["realm"] is { Length: > 0 });

    public bool IsBasic => Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the registry has accepted the token and refuses the request (RFC 6750 §3.1).</summary>
    public bool LacksScope => this["error"] == "insufficient_scope";

    public string? this[string parameter] => Parameters.GetValueOrDefault(parameter);

    /// <summary>
    /// Reads all WWW-Authenticate headers of an answer. By hand: .NET's parser drops a header that holds several
    /// challenges and leaves the parameters as one text. Servers send scopes with commas and spaces inside quotes
    /// (GitLab), several challenges in one header or one each, unquoted values, and challenges without parameters.
    /// </summary>
    public static IReadOnlyList<Challenge> Parse(IEnumerable<string> headers)
    {
        var challenges = new List<Challenge>();
        foreach (var header in headers)
            new Reader(header).ReadInto(challenges);
        return challenges;
    }

    private sealed class Reader(string text)
    {
        private int _at;

        public void ReadInto(List<Challenge> challenges)
        {
            Dictionary<string, string>? parameters = null;
            while (true)
            {
                Skip(" \t,");
                if (_at == text.Length)
                    return;
                var token = Token();
                if (token.Length == 0)
                {
                    // No token and no separator: nothing that follows can be understood.
                    return;
                }

                var end = _at;
                Skip(" \t");
                if (parameters is not null && Peek() == '=')
                {
                    _at++;
                    Skip(" \t");
                    // A repeated parameter is an error by the RFC; the first one counts.
                    parameters.TryAdd(token.ToLowerInvariant(), Peek() == '"' ? Quoted() : Token());
                    continue;
                }

                if (Peek() == '=')
                    return;
                _at = end;
                parameters = new Dictionary<string, string>(StringComparer.Ordinal);
                challenges.Add(new Challenge(token, parameters));
                SkipToken68();
            }
        }

        private char Peek() => _at < text.Length ? text[_at] : '\0';

        private void Skip(string characters)
        {
            while (_at < text.Length && characters.Contains(text[_at], StringComparison.Ordinal))
                _at++;
        }

        // Wider than the RFC's token: unquoted realms (with ':' and '/') are seen in the wild.
        private string Token()
        {
            var start = _at;
            while (_at < text.Length && text[_at] is not (' ' or '\t' or ',' or '=' or '"'))
                _at++;
            return text[start.._at];
        }

        private string Quoted()
        {
            var value = new StringBuilder();
            for (_at++; _at < text.Length && text[_at] != '"'; _at++)
            {
                if (text[_at] == '\\' && _at + 1 < text.Length)
                    _at++;
                value.Append(text[_at]);
            }

            _at = Math.Min(_at + 1, text.Length);
            return value.ToString();
        }

        /// <summary>Negotiate and NTLM are followed by base64 instead of parameters.</summary>
        private void SkipToken68()
        {
            var start = _at;
            Skip(" \t");
            Token();
            Skip("=");
            Skip(" \t");
            if (_at < text.Length && text[_at] != ',')
                _at = start;
            else if (text.AsSpan(start, _at - start).Trim().Length == 0)
                _at = start;
        }
    }
}

using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Faults;

/// <summary>A fault that waits for its requests.</summary>
public sealed class FaultRule
{
    private readonly Func<HttpRequest, bool> _matches;
    private readonly Lock _lock = new();
    private readonly int _times;
    private int _skip;

    internal FaultRule(Func<HttpRequest, bool> matches, int times, FaultAction action, int skip)
    {
        _matches = matches;
        _times = times;
        _skip = skip;
        Action = action;
    }

    /// <summary>How many requests it has struck.</summary>
    public int Hits { get; private set; }

    internal FaultAction Action { get; }

    /// <summary>Whether this request is one of those that the rule is for, and counts it.</summary>
    internal bool TryTake(HttpRequest request)
    {
        lock (_lock)
        {
            if (Hits >= _times || !_matches(request))
                return false;
            if (_skip > 0)
            {
                _skip--;
                return false;
            }
            Hits++;
            return true;
        }
    }
}

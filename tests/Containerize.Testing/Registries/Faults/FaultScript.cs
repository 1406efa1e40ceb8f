using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Containerize.Testing.Registries.Faults;

/// <summary>
/// The faults of a registry, in the order in which they were added. A request meets the first one that matches and is not used
/// up, and only that one; so 429 once and then 503 once is two rules for the same path. Faults come before authentication, and
/// strike the token endpoint (<c>/token</c>) and the blob host (<c>/objects/…</c>) as well.
/// </summary>
public sealed class FaultScript
{
    /// <summary>For <c>times</c>: never used up.</summary>
    public const int Always = int.MaxValue;

    private readonly List<FaultRule> _rules = [];

    /// <summary>Adds a fault for a method and a path.</summary>
    /// <param name="method">GET, PUT and so on; <c>*</c> is any.</param>
    /// <param name="path">
    /// A regular expression that is looked for in the unescaped path and the query, <c>/v2/app/manifests/latest</c>.
    /// </param>
    /// <param name="times">How many requests it strikes.</param>
    /// <param name="action">What it does; see <see cref="Fault"/>.</param>
    /// <param name="skip">How many matching requests it lets pass before the first that it strikes.</param>
    public FaultRule Add(
        string method, [StringSyntax(StringSyntaxAttribute.Regex)] string path, int times, FaultAction action, int skip = 0)
    {
        var pattern = new Regex(path, RegexOptions.CultureInvariant);
        return Add(
            request => (method == "*" || HttpMethods.Equals(method, request.Method))
                && pattern.IsMatch(request.Path.Value + request.QueryString.Value),
            times, action, skip);
    }

    /// <summary>Adds a fault for the requests that a predicate chooses.</summary>
    /// <param name="matches">Asked for every request until the rule is used up.</param>
    /// <param name="times">How many requests it strikes.</param>
    /// <param name="action">What it does.</param>
    /// <param name="skip">How many matching requests it lets pass first.</param>
    public FaultRule Add(Func<HttpRequest, bool> matches, int times, FaultAction action, int skip = 0)
    {
        var rule = new FaultRule(matches, times, action, skip);
        lock (_rules)
            _rules.Add(rule);
        return rule;
    }

    /// <summary>Takes all faults away.</summary>
    public void Clear()
    {
        lock (_rules)
            _rules.Clear();
    }

    internal Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        FaultRule? rule;
        lock (_rules)
            rule = _rules.Find(candidate => candidate.TryTake(context.Request));
        return rule is null ? next(context) : rule.Action(context, next);
    }
}

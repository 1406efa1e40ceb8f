using Xunit.Sdk;

namespace Containerize.Testing;

/// <summary>The real servers and tools that a machine offers to tests.</summary>
/// <remarks>
/// A key of <see cref="Server"/> is looked up as the environment variable <c>CONTAINERIZE_TEST_&lt;key&gt;</c>, then in
/// <c>artifacts/testbed/testbed.env</c>, which has a line <c>KEY=VALUE</c> for each server that is there and <c>KEY_MISSING=reason</c> for
/// one that is not.
/// </remarks>
public static class Testbed
{
    private const string Prefix = "CONTAINERIZE_TEST_";
    private const string MissingSuffix = "_MISSING";

    private static readonly Lazy<Dictionary<string, string>> LazyFile = new(() => Parse(ReadFile()));

    /// <summary>Whether an absent server is a failure, as on CI, where a test that is skipped is a test that nobody notices.</summary>
    public static bool IsMandatory { get; } = Environment.GetEnvironmentVariable("CI") is "true" or "True" or "1";

    /// <summary>The value of a key.</summary>
    /// <exception cref="XunitException">The server is absent; the message says why.</exception>
    public static string Get(string key) => Find(key) ?? throw new XunitException(Explain(key));

    /// <summary>The value of a key, or <see langword="null"/> if the server is absent.</summary>
    public static string? Find(string key) =>
        Environment.GetEnvironmentVariable(Prefix + key) is { Length: > 0 } variable ? variable
        : LazyFile.Value.GetValueOrDefault(key) is { Length: > 0 } line ? line
        : null;

    /// <summary>
    /// Why the first absent one of the servers is absent, as a sentence for a report; <see langword="null"/> if all are there.
    /// </summary>
    public static string? WhyMissing(params IEnumerable<string> keys) =>
        keys.FirstOrDefault(key => Find(key) is null) is { } absent ? Explain(absent) : null;

    private static Dictionary<string, string> Parse(IEnumerable<string> lines)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var line in lines.Select(line => line.Trim()))
        {
            var equals = line.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || line.StartsWith('#'))
                continue;
            var key = line[..equals].Trim();
            values[key.StartsWith(Prefix, StringComparison.Ordinal) ? key[Prefix.Length..] : key] = line[(equals + 1)..].Trim();
        }

        return values;
    }

    private static string Explain(string key) =>
        $"needs {key}: {Find(key + MissingSuffix) ?? $"neither {Prefix}{key} nor artifacts/testbed/testbed.env names it"}";

    private static string[] ReadFile()
    {
        try
        {
            return File.ReadAllLines(Repository.PathOf("artifacts", "testbed", "testbed.env"));
        }
        catch (IOException)
        {
            // No testbed was set up on this machine.
            return [];
        }
    }
}

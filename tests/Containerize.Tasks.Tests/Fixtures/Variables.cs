namespace Containerize.Tasks.Tests;

/// <summary>Environment variables of this process for the length of a test; null takes one away.</summary>
internal sealed class Variables : IDisposable
{
    private readonly List<(string Name, string? Value)> before = [];

    public Variables(params IEnumerable<(string Name, string? Value)> variables)
    {
        foreach (var (name, value) in variables)
        {
            before.Add((name, Environment.GetEnvironmentVariable(name)));
            Environment.SetEnvironmentVariable(name, value);
        }
    }

    public void Dispose()
    {
        foreach (var (name, value) in before)
            Environment.SetEnvironmentVariable(name, value);
    }
}

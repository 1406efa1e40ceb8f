using Containerize.Hosting;
using Containerize.Registries;

namespace Containerize.Tests.Support;

/// <summary>Connections to registries, with neither credentials nor environment.</summary>
internal static class Clients
{
    public static RegistryClient Anonymous(IEnvironment? environment = null) =>
        new(new RegistryClientOptions { Environment = environment ?? new EmptyEnvironment(), Processes = new ScriptedProcesses() });
}

/// <summary>A machine that says nothing of itself.</summary>
internal sealed class EmptyEnvironment : IEnvironment
{
    private readonly Dictionary<string, string> _variables = [];

    public string this[string name]
    {
        set => _variables[name] = value;
    }

    public string HomeDirectory => Path.Combine(Path.GetTempPath(), "containerize-no-such-home");

    public string SystemDirectory => HomeDirectory;

    public string? RuntimeDirectory => null;

    public string? GetVariable(string name) => _variables.GetValueOrDefault(name);
}

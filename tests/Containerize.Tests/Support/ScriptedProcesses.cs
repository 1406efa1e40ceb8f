using Containerize.Hosting;

namespace Containerize.Tests.Support;

/// <summary>Programs that a test has written down by their command lines; all others do not exist. Remembers what was run.</summary>
internal sealed class ScriptedProcesses : IProcessRunner
{
    private readonly Dictionary<string, ProcessOutcome> _outcomes = new(StringComparer.Ordinal);

    /// <summary>The command lines, in their order.</summary>
    public List<string> Runs { get; } = [];

    /// <summary>What was written to the standard input of the last program that was given some.</summary>
    public byte[] Input { get; private set; } = [];

    /// <summary>How a command line ends.</summary>
    public ProcessOutcome this[string commandLine]
    {
        set => _outcomes[commandLine] = value;
    }

    public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
    {
        var commandLine = string.Join(' ', call.Arguments.Prepend(call.Name));
        Runs.Add(commandLine);
        if (!_outcomes.TryGetValue(commandLine, out var outcome))
            return null;
        if (call.WriteInput is not null)
        {
            using var input = new MemoryStream();
            await call.WriteInput(input, cancellationToken);
            Input = input.ToArray();
        }

        return outcome;
    }
}

namespace Containerize.Planning;

/// <summary>What <c>ContainerAppCommandInstruction</c> says: where the application's command goes.</summary>
public enum AppCommandInstruction
{
    /// <summary>ENTRYPOINT is the application's command.</summary>
    Entrypoint,

    /// <summary>CMD is the application's command; ENTRYPOINT is the base's, or <c>ContainerEntrypoint</c>.</summary>
    DefaultArgs,

    /// <summary>The application's command is not used.</summary>
    None,
}

/// <summary>
/// The parts that ENTRYPOINT and CMD are made from, by the rules of the .NET SDK's containers
/// (their documentation, "ContainerAppCommandInstruction"), which depend on the base's entrypoint.
/// </summary>
internal sealed record CommandPlan
{
    /// <summary>What the user asked for; null leaves it to the rules.</summary>
    public AppCommandInstruction? Instruction { get; init; }

    /// <summary><c>ContainerEntrypoint</c>.</summary>
    public IReadOnlyList<string> Entrypoint { get; init; } = [];

    /// <summary><c>ContainerEntrypointArgs</c>.</summary>
    public IReadOnlyList<string> EntrypointArgs { get; init; } = [];

    /// <summary><c>ContainerAppCommand</c>: the program that was published, unless the user set another.</summary>
    public IReadOnlyList<string> AppCommand { get; init; } = [];

    /// <summary><c>ContainerAppCommandArgs</c>.</summary>
    public IReadOnlyList<string> AppCommandArgs { get; init; } = [];

    /// <summary><c>ContainerDefaultArgs</c>.</summary>
    public IReadOnlyList<string> DefaultArgs { get; init; } = [];

    /// <summary>Checks the parts against each other.</summary>
    /// <param name="appCommandGiven">Whether the user set <c>ContainerAppCommand</c>.</param>
    /// <exception cref="ContainerizeException">They contradict each other (CTZ1010).</exception>
    public void Validate(bool appCommandGiven)
    {
        if (EntrypointArgs.Count > 0 && Entrypoint.Count == 0 && !IsLegacy)
            throw Contradiction(
                "ContainerEntrypointArgs is set without ContainerEntrypoint. Set ContainerEntrypoint too, or use "
                    + "ContainerAppCommandArgs or ContainerDefaultArgs for arguments of the application.");
        if (AppCommandArgs.Count > 0 && AppCommand.Count == 0 && Instruction != AppCommandInstruction.None)
            throw Contradiction("ContainerAppCommandArgs is set without ContainerAppCommand. Set ContainerAppCommand too.");
        if (Instruction == AppCommandInstruction.Entrypoint && (Entrypoint.Count > 0 || EntrypointArgs.Count > 0))
            throw Contradiction(
                "ContainerAppCommandInstruction is 'Entrypoint', but ContainerEntrypoint or ContainerEntrypointArgs is set as well. "
                    + "Remove them, or use 'DefaultArgs'.");
        if (Instruction == AppCommandInstruction.None && (appCommandGiven || AppCommandArgs.Count > 0))
            throw Contradiction(
                "ContainerAppCommandInstruction is 'None', which leaves the application's command out, but ContainerAppCommand or "
                    + "ContainerAppCommandArgs is set. Remove them, or use 'Entrypoint' or 'DefaultArgs'.");
    }

    /// <summary>ENTRYPOINT and CMD on top of a base.</summary>
    public ResolvedCommand Resolve(IReadOnlyList<string>? baseEntrypoint, IReadOnlyList<string>? baseCommand)
    {
        // A base that starts `dotnet` does so for lack of an application (early images of .NET did).
        var hasBaseEntrypoint = baseEntrypoint is { Count: > 0 } and not (["dotnet"] or ["/usr/bin/dotnet"]);
        if (IsLegacy)
            return new ResolvedCommand(AppCommand, EntrypointArgs);
        var instruction = Instruction
            ?? (Entrypoint.Count == 0 && EntrypointArgs.Count == 0 ? AppCommandInstruction.Entrypoint : AppCommandInstruction.DefaultArgs);
        var ownEntrypoint = Entrypoint.Count > 0 ? [.. Entrypoint, .. EntrypointArgs] : hasBaseEntrypoint ? baseEntrypoint! : [];
        return instruction switch
        {
            AppCommandInstruction.Entrypoint => new ResolvedCommand([.. AppCommand, .. AppCommandArgs], DefaultArgs)
            {
                ReplacesBaseEntrypoint = Instruction is null && hasBaseEntrypoint,
            },
            AppCommandInstruction.DefaultArgs => new ResolvedCommand(ownEntrypoint, [.. AppCommand, .. AppCommandArgs, .. DefaultArgs]),
            _ when Entrypoint.Count == 0 && DefaultArgs.Count == 0 => new ResolvedCommand(baseEntrypoint ?? [], baseCommand ?? []),
            _ => new ResolvedCommand(ownEntrypoint, DefaultArgs),
        };
    }

    // Before ContainerAppCommand existed, ContainerEntrypointArgs alone meant the arguments of the application.
    private bool IsLegacy => Instruction is null && EntrypointArgs.Count > 0 && Entrypoint.Count == 0
        && DefaultArgs.Count == 0 && AppCommandArgs.Count == 0;

    private static ContainerizeException Contradiction(string message) => new(ErrorCodes.EntrypointContradiction, message);
}

/// <summary>ENTRYPOINT and CMD as they stand in the config. An empty one is left out of it.</summary>
/// <param name="Entrypoint">ENTRYPOINT.</param>
/// <param name="Command">CMD.</param>
internal sealed record ResolvedCommand(IReadOnlyList<string> Entrypoint, IReadOnlyList<string> Command)
{
    /// <summary>Whether an entrypoint of the base is lost without the user having asked for it.</summary>
    public bool ReplacesBaseEntrypoint { get; init; }
}

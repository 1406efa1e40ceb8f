using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>The .NET SDK's own matrix of ENTRYPOINT and CMD.</summary>
public sealed class CommandTests
{
    // Instruction | entrypoint | its args | app command | its args | default args | the base's entrypoint → ENTRYPOINT | CMD
    [Theory]
    [InlineData("", "", "epArg", "app", "", "", null, "app", "epArg")]
    [InlineData("", "", "", "app", "appArgs", "def", "baseEp", "app appArgs", "def")]
    [InlineData("", "ep", "epArgs", "app", "appArgs", "def", "baseEp", "ep epArgs", "app appArgs def")]
    [InlineData("DefaultArgs", "", "", "app", "appArgs", "def", "baseEp", "baseEp", "app appArgs def")]
    [InlineData("DefaultArgs", "", "", "app", "appArgs", "def", "dotnet", "", "app appArgs def")]
    [InlineData("DefaultArgs", "", "", "app", "appArgs", "def", "/usr/bin/dotnet", "", "app appArgs def")]
    public void Entrypoint_and_command(
        string instruction, string entrypoint, string entrypointArgs, string app, string appArgs, string defaults, string? baseEntrypoint,
        string expectedEntrypoint, string expectedCommand)
    {
        var plan = Plan(instruction, entrypoint, entrypointArgs, app, appArgs, defaults);
        plan.Validate(appCommandGiven: app.Length > 0);

        var resolved = plan.Resolve(baseEntrypoint is null ? null : Words(baseEntrypoint), ["baseCmd"]);

        Assert.Equal((expectedEntrypoint, expectedCommand), (string.Join(' ', resolved.Entrypoint), string.Join(' ', resolved.Command)));
    }

    [Theory]
    [InlineData("Entrypoint", "ep", "", "app", "", "'Entrypoint'")]
    [InlineData("Entrypoint", "ep", "epArgs", "app", "", "'Entrypoint'")]
    [InlineData("Entrypoint", "", "epArgs", "app", "", "ContainerEntrypointArgs is set without ContainerEntrypoint")]
    [InlineData("None", "", "", "app", "", "'None'")]
    [InlineData("None", "", "", "app", "appArgs", "'None'")]
    [InlineData("None", "", "", "", "appArgs", "'None'")]
    [InlineData("DefaultArgs", "", "epArgs", "app", "", "ContainerEntrypointArgs is set without ContainerEntrypoint")]
    [InlineData("", "", "epArgs", "app", "appArgs", "ContainerEntrypointArgs is set without ContainerEntrypoint")]
    [InlineData("Entrypoint", "", "", "", "appArgs", "ContainerAppCommandArgs is set without ContainerAppCommand")]
    [InlineData("DefaultArgs", "", "", "", "appArgs", "ContainerAppCommandArgs is set without ContainerAppCommand")]
    public void Contradictions(string instruction, string entrypoint, string entrypointArgs, string app, string appArgs, string mention) =>
        Failing.With(
        ErrorCodes.EntrypointContradiction,
        () => Plan(instruction, entrypoint, entrypointArgs, app, appArgs, "").Validate(appCommandGiven: app.Length > 0),
        mention);

    private static CommandPlan Plan(
        string instruction, string entrypoint, string entrypointArgs, string app, string appArgs, string defaults) => new()
    {
        Instruction = instruction.Length == 0 ? null : Enum.Parse<AppCommandInstruction>(instruction),
        Entrypoint = Words(entrypoint),
        EntrypointArgs = Words(entrypointArgs),
        AppCommand = Words(app),
        AppCommandArgs = Words(appArgs),
        DefaultArgs = Words(defaults),
    };

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

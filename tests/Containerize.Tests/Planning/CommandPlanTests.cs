using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class CommandPlanTests
{
    private static readonly string[] App = ["app"];
    private static readonly string[] AppArgs = ["appArgs"];
    private static readonly string[] Entry = ["ep"];
    private static readonly string[] EntryArgs = ["epArgs"];
    private static readonly string[] Default = ["def"];

    // What the .NET SDK's own matrix (SdkContainers/CommandTests) leaves out:
    // instruction | entrypoint | its args | app | its args | default args | base → ENTRYPOINT | CMD.
    [Theory]
    [InlineData("", "", "", "app", "", "", null, "app", "")]
    [InlineData("", "ep", "", "app", "", "", "baseEp", "ep", "app")]
    [InlineData("Entrypoint", "", "", "app", "appArgs", "def", "baseEp", "app appArgs", "def")]
    [InlineData("DefaultArgs", "ep", "epArgs", "app", "appArgs", "def", "baseEp", "ep epArgs", "app appArgs def")]
    [InlineData("DefaultArgs", "", "", "app", "", "", "dotnet exec", "dotnet exec", "app")]
    [InlineData("DefaultArgs", "", "", "app", "", "", null, "", "app")]
    [InlineData("None", "ep", "epArgs", "", "", "def", "baseEp", "ep epArgs", "def")]
    [InlineData("None", "ep", "", "", "", "", "baseEp", "ep", "")]
    [InlineData("None", "", "", "", "", "def", "baseEp", "baseEp", "def")]
    [InlineData("None", "", "", "", "", "", "baseEp", "baseEp", "baseCmd")]
    [InlineData("None", "", "", "", "", "", "dotnet", "dotnet", "baseCmd")]
    [InlineData("None", "", "", "", "", "", null, "", "baseCmd")]
    public void Entrypoint_and_command_follow_the_matrix(
        string instruction, string entrypoint, string entrypointArgs, string app, string appArgs, string defaults, string? baseEntrypoint,
        string expectedEntrypoint, string expectedCommand)
    {
        var plan = new CommandPlan
        {
            Instruction = instruction.Length == 0 ? null : Enum.Parse<AppCommandInstruction>(instruction),
            Entrypoint = Words(entrypoint),
            EntrypointArgs = Words(entrypointArgs),
            AppCommand = Words(app),
            AppCommandArgs = Words(appArgs),
            DefaultArgs = Words(defaults),
        };
        plan.Validate(appCommandGiven: false);
        var resolved = plan.Resolve(baseEntrypoint is null ? null : Words(baseEntrypoint), ["baseCmd"]);
        Assert.Equal(expectedEntrypoint, string.Join(' ', resolved.Entrypoint));
        Assert.Equal(expectedCommand, string.Join(' ', resolved.Command));
    }

    [Fact]
    public void A_lost_entrypoint_of_the_base_is_noticed_unless_it_was_asked_for()
    {
        var plan = new CommandPlan { AppCommand = App };
        Assert.True(plan.Resolve(["baseEp"], null).ReplacesBaseEntrypoint);
        Assert.False(plan.Resolve(null, null).ReplacesBaseEntrypoint);
        Assert.False(plan.Resolve([], null).ReplacesBaseEntrypoint);
        Assert.False(plan.Resolve(["dotnet"], null).ReplacesBaseEntrypoint);
        Assert.False(plan.Resolve(["/usr/bin/dotnet"], null).ReplacesBaseEntrypoint);
        Assert.False((plan with { Instruction = AppCommandInstruction.Entrypoint }).Resolve(["baseEp"], null).ReplacesBaseEntrypoint);
        Assert.False((plan with { Instruction = AppCommandInstruction.DefaultArgs }).Resolve(["baseEp"], null).ReplacesBaseEntrypoint);
        Assert.False((plan with { Entrypoint = Entry }).Resolve(["baseEp"], null).ReplacesBaseEntrypoint);
    }

    [Fact]
    public void What_contradicts_itself_is_refused()
    {
        Refused(new CommandPlan { AppCommand = App, EntrypointArgs = EntryArgs, DefaultArgs = Default }, "ContainerEntrypointArgs");
        Refused(new CommandPlan { AppCommand = App, EntrypointArgs = EntryArgs, AppCommandArgs = AppArgs }, "ContainerEntrypointArgs");
        Refused(
            new CommandPlan { AppCommand = App, EntrypointArgs = EntryArgs, Instruction = AppCommandInstruction.DefaultArgs },
            "ContainerEntrypointArgs");
        Refused(new CommandPlan { AppCommandArgs = AppArgs }, "ContainerAppCommandArgs");
        Refused(new CommandPlan { AppCommand = App, Entrypoint = Entry, Instruction = AppCommandInstruction.Entrypoint }, "'Entrypoint'");
        Refused(
            new CommandPlan { AppCommand = App, Entrypoint = Entry, EntrypointArgs = EntryArgs, Instruction = AppCommandInstruction.Entrypoint },
            "'Entrypoint'");
        Refused(new CommandPlan { AppCommandArgs = AppArgs, Instruction = AppCommandInstruction.None }, "'None'");
        Refused(new CommandPlan { AppCommand = App, Instruction = AppCommandInstruction.None }, "'None'", appCommandGiven: true);
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static void Refused(CommandPlan plan, string mention, bool appCommandGiven = false) =>
        Failing.With(ErrorCodes.EntrypointContradiction, () => plan.Validate(appCommandGiven), mention);
}

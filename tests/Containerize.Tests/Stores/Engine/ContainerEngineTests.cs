using Containerize.Hosting;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Stores.Engine;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores.Engine;

public sealed class ContainerEngineTests
{
    private const string Inspect = "docker image inspect app:1";
    private static readonly ImageNames Names = new("app", ["1"]);
    private readonly ScriptedProcesses _processes = new();

    /// <summary>Planning reads them, and must not know the place that uses them.</summary>
    [Fact]
    public void The_names_of_engines_are_those_that_projects_may_write() =>
        Assert.Equal(Containerize.Planning.ImageLocation.EngineNames, ContainerEngine.Names);

    [Fact]
    public async Task Engines_are_asked_in_their_order_until_one_answers()
    {
        _processes["podman version"] = new ProcessOutcome(0, "Version: 5", "");
        var engine = await ContainerEngine.FindAsync(_processes, ContainerEngine.Names, Names, default);
        Assert.Equal(("Podman", "podman"), (engine!.Name, engine.Program));
        Assert.Equal([Inspect, "docker version", "podman version"], _processes.Runs);
    }

    [Fact]
    public async Task A_client_without_its_daemon_does_not_count()
    {
        _processes["docker version"] = new ProcessOutcome(1, "Client: 29", "Cannot connect to the Docker daemon");
        Assert.Null(await ContainerEngine.FindAsync(_processes, ["Docker"], Names, default));
    }

    [Theory]
    [InlineData("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?")]
    [InlineData(
        "failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running")]
    public async Task What_cannot_be_connected_to_is_not_asked_again(string words)
    {
        _processes[Inspect] = new ProcessOutcome(1, "[]\n", words);
        Assert.Null(await ContainerEngine.FindAsync(_processes, ["Docker"], Names, default));
        Assert.Equal([Inspect], _processes.Runs);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Words_that_say_neither_lead_to_the_plain_question(int exitCode)
    {
        _processes[Inspect] = new ProcessOutcome(1, "", "permission denied");
        _processes["docker version"] = new ProcessOutcome(exitCode, "", "");
        Assert.Equal(exitCode == 0, await ContainerEngine.FindAsync(_processes, ["Docker"], Names, default) is not null);
        Assert.Equal([Inspect, "docker version"], _processes.Runs);
    }

    [Fact]
    public async Task Where_no_engine_is_there_is_none()
    {
        Assert.Null(await ContainerEngine.FindAsync(_processes, ContainerEngine.Names, Names, default));
        Assert.Equal([Inspect, "docker version", "podman version", "nerdctl version"], _processes.Runs);
    }

    [Theory]
    [InlineData("Docker", "'docker image inspect'")]
    [InlineData("Podman", "'podman version'")]
    public async Task One_that_hangs_is_told_and_nothing_else_is_asked(string name, string question)
    {
        var (processes, clock) = (new Hanging(), new FakeClock());
        clock.SkipNextTimer();
        var error = await Assert.ThrowsAsync<ContainerizeException>(
            () => ContainerEngine.FindAsync(processes, ContainerEngine.Names.SkipWhile(other => other != name), Names, default, clock));
        Assert.Equal(ErrorCodes.EngineMissing, error.Code);
        Assert.StartsWith(
            $"The image should be loaded into {name}, but {question} has not answered within 60 seconds. Restart {name}, ",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal((1, 1), (processes.Runs, processes.Killed));
    }

    [Fact]
    public async Task A_base_in_one_that_hangs_is_told()
    {
        var (processes, clock) = (new Hanging(), new FakeClock());
        clock.SkipNextTimer();
        var error = await Assert.ThrowsAsync<ContainerizeException>(
            () => ContainerEngine.Named(processes, "Docker", clock).InspectAsync("docker-daemon:base:1", "base:1", default));
        Assert.Equal(ErrorCodes.BaseUnusable, error.Code);
        Assert.Contains(
            "'docker image inspect' has not answered within 60 seconds. Restart Docker, ",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal((1, 1), (processes.Runs, processes.Killed));
    }

    [Fact]
    public async Task Whoever_stops_the_build_stops_the_question()
    {
        var processes = new Hanging();
        using var stop = new CancellationTokenSource();
        var finding = ContainerEngine.FindAsync(processes, ["Docker"], Names, stop.Token, new FakeClock());
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => finding);
        Assert.Equal((1, 1), (processes.Runs, processes.Killed));
    }

    [Fact]
    public async Task Of_many_words_the_last_are_told()
    {
        _processes[Inspect] = new ProcessOutcome(1, "", "No such image: app:1");
        _processes["docker load"] = new ProcessOutcome(1, "", new string('x', 100_000) + " no space left on device");
        var engine = await ContainerEngine.FindAsync(_processes, ["Docker"], Names, default);
        var failure = await Assert.ThrowsAsync<ContainerizeException>(
            () => engine!.LoadAsync(ImageSet.Of(MemoryImages.Of("app")), Names, default));
        Assert.Contains("x no space left on device. Check", failure.Message, StringComparison.Ordinal);
        Assert.InRange(failure.Message.Length, 600, 1000);
    }

    [Fact]
    public async Task A_program_that_has_vanished_is_a_failed_load()
    {
        _processes["docker version"] = new ProcessOutcome(0, "", "");
        var engine = await ContainerEngine.FindAsync(_processes, ["docker"], Names, default);
        Assert.Equal("Docker", engine!.Name);
        await Failing.WithAsync(
            ErrorCodes.EngineLoadFailed, () =>
                engine.LoadAsync(ImageSet.Of(MemoryImages.Of("x")), Names, default), "'docker load'", "app:1");
    }

    /// <summary>Programs that never end by themselves.</summary>
    private sealed class Hanging : IProcessRunner
    {
        public int Runs { get; private set; }

        public int Killed { get; private set; }

        public async Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken)
        {
            Runs++;
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return null;
            }
            finally
            {
                Killed++;
            }
        }
    }
}

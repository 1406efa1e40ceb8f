using Containerize.Hosting;
using Containerize.Images;
using Containerize.Stores;
using Containerize.Tests.Support;

namespace Containerize.Tests.Stores;

public sealed class ContainerEngineTests
{
    private readonly ScriptedProcesses _processes = new();

    [Fact]
    public async Task Engines_are_asked_in_their_order_until_one_answers()
    {
        _processes["podman version"] = new ProcessOutcome(0, "Version: 5", "");
        var engine = await ContainerEngine.FindAsync(_processes, ContainerEngine.Names, default);
        Assert.Equal(("Podman", "podman"), (engine!.Name, engine.Program));
        Assert.Equal(["docker version", "podman version"], _processes.Runs);
    }

    [Fact]
    public async Task A_client_without_its_daemon_does_not_count()
    {
        _processes["docker version"] = new ProcessOutcome(1, "Client: 29", "Cannot connect to the Docker daemon");
        Assert.Null(await ContainerEngine.FindAsync(_processes, ["Docker"], default));
    }

    [Fact]
    public async Task Where_no_engine_is_there_is_none()
    {
        Assert.Null(await ContainerEngine.FindAsync(_processes, ContainerEngine.Names, default));
        Assert.Equal(["docker version", "podman version", "nerdctl version"], _processes.Runs);
    }

    [Fact]
    public async Task A_program_that_has_vanished_is_a_failed_load()
    {
        _processes["docker version"] = new ProcessOutcome(0, "", "");
        var engine = await ContainerEngine.FindAsync(_processes, ["docker"], default);
        Assert.Equal("Docker", engine!.Name);
        await Failing.WithAsync(
            ErrorCodes.EngineLoadFailed, () => engine.LoadAsync(ImageSet.Of(MemoryImages.Of("x")), new ImageNames("app", ["1"]), default), "'docker load'", "app:1");
    }
}

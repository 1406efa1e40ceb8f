using System.Text.Json.Nodes;
using Containerize.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.SdkContainers;

/// <summary>What becomes of a base's config, as the .NET SDK's own tests have it: user, labels, history, and the rest.</summary>
public sealed class ConfigTests
{
    [Theory]
    // The user's own, APP_UID of the project, APP_UID of the base, the base's user → USER
    [InlineData(null, null, "12345", null, "12345")]
    [InlineData(null, "12345", null, null, "12345")]
    [InlineData("1646", null, "12345", null, "1646")]
    [InlineData("1646", "12345", null, null, "1646")]
    [InlineData(null, null, "1654", null, "1654")] // Microsoft's images from .NET 8 on.
    [InlineData(null, null, null, "1654", "1654")]
    [InlineData(null, null, null, "app", "app")]
    public void The_user(string? own, string? projectsUid, string? basesUid, string? basesUser, string expected)
    {
        var runtime = new JsonObject { ["User"] = basesUser, ["Env"] = basesUid is null ? new JsonArray() : new JsonArray("APP_UID=" + basesUid) };
        var plan = Configs.Plan with { User = own, EnvironmentVariables = projectsUid is null ? [] : [new("APP_UID", projectsUid)] };

        Assert.Equal(expected, Configs.Build(runtime, plan).User);
    }

    [Fact]
    public void User_volumes_and_stop_signal_pass_through()
    {
        var runtime = new JsonObject
        {
            ["User"] = "app",
            ["Volumes"] = new JsonObject { ["/var/log/"] = new JsonObject() },
            ["StopSignal"] = "SIGUSR1",
        };

        var built = Configs.Runtime(Configs.Build(runtime, Configs.Plan));

        foreach (var (name, value) in runtime)
            Assert.True(JsonNode.DeepEquals(value, built[name]), name);
    }

    [Fact]
    public void Labels_are_added_overridden_and_preserved()
    {
        var runtime = new JsonObject { ["Labels"] = new JsonObject { ["testLabel1"] = "v1", ["testLabel2"] = "v2" } };

        var labels = Configs.Build(
            runtime, Configs.Plan with { Labels = [new("testLabel1", "v1: new; whole"), new("testLabel3", "v3")] }).Labels;

        Assert.Equal(
            new Dictionary<string, string> { ["testLabel1"] = "v1: new; whole", ["testLabel2"] = "v2", ["testLabel3"] = "v3" },
            labels);
    }

    [Fact]
    public void The_history_has_an_entry_for_every_layer_even_where_the_bases_is_too_short()
    {
        var layers = Enumerable.Range(1, 5).Select(i => (ILayer)new MemoryLayer(MemoryImages.Layer($"{i}"))).ToList();
        var history = new JsonArray(
            new JsonObject { ["created_by"] = "one" },
            new JsonObject { ["created_by"] = "two", ["empty_layer"] = true },
            new JsonObject { ["created_by"] = "three", ["empty_layer"] = true });

        var config = Configs.Build(layers, history);

        Assert.Equal(6, config.DiffIds.Count);
        Assert.Equal(config.DiffIds.Count, config.LayersInHistory);
    }
}

using System.Text.Json.Nodes;
using Containerize.Images;

namespace Containerize.Tests.Images;

public sealed class ImageConfigTests
{
    private static readonly DateTimeOffset Time = new(2026, 2, 3, 5, 5, 6, 789, TimeSpan.FromHours(1));

    /// <summary>What bases carry that nobody here knows: all of it must be found again, value for value.</summary>
    private const string Rich = """
        {"created":"2024-01-02T03:04:05.678901234Z","author":"A <a@example.invalid>","architecture":"arm","os":"linux","variant":"v7",
         "os.version":"1.2.3","os.features":["win32k"],"docker_version":"20.10","container_config":{"Hostname":"x","Cmd":["#(nop) "]},
         "config":{"Hostname":"","User":"1654:1654","Env":["PATH=/bin","EMPTY=","NOVALUE","A=b=c"],"Cmd":["sh"],"Entrypoint":["/init","-x"],
          "Healthcheck":{"Test":["CMD-SHELL","curl -f http://localhost || exit 1"],"Interval":30000000000,"StartPeriod":18446744073709551615},
          "OnBuild":["COPY . /src"],"Shell":["/bin/bash","-c"],"StopSignal":"SIGTERM","StopTimeout":10,"ArgsEscaped":true,
          "Volumes":{"/data":{}},"ExposedPorts":{"6100/udp":{}},"WorkingDir":"/old","Labels":{"keep":"ä+<>'&\u2028","com.example":"1"},"com.vendor":[1,2.50,-0,1e400,null,{"x":{}}]},
         "rootfs":{"type":"layers","diff_ids":["sha256:1111111111111111111111111111111111111111111111111111111111111111"],"vendor":1},
         "history":[{"created":"2024-01-02T03:04:05Z","created_by":"ADD","vendor":true},{"created_by":"ENV","empty_layer":true}],
         "com.vendor.big":123456789012345678901234567890.12345678901234567890,"moby.buildkit.cache.v0":"AAAA"}
        """;

    [Fact]
    public void Its_values_are_read()
    {
        var config = ImageConfig.Read(Documents.Of(Rich));
        Assert.Equal("linux/arm/v7", config.Platform.ToString());
        Assert.Equal([Documents.Hash('1')], config.DiffIds.Select(id => id.ToString()));
        Assert.Equal(1, config.LayersInHistory);
        Assert.True(config.HasHistory);
        Assert.Equal([("PATH", "/bin"), ("EMPTY", ""), ("NOVALUE", ""), ("A", "b=c")], config.Environment.Select(v => (v.Key, v.Value)));
        Assert.Equal(["/init", "-x"], config.Entrypoint);
        Assert.Equal(["sh"], config.Command);
        Assert.Equal("1654:1654", config.User);
        Assert.Equal("ä+<>'&\u2028", config.Labels["keep"]);
    }

    [Fact]
    public void What_nobody_changes_survives()
    {
        var changed = ImageConfig.Read(Documents.Of(Rich)).With(_ => { }, ImageFormat.Oci);
        var (before, after) = (JsonNode.Parse(Rich)!, JsonNode.Parse(changed.Document.Content.Span)!);
        Assert.True(JsonNode.DeepEquals(before, after), Documents.Text(changed.Document));
        // DeepEquals compares numbers by value; tools read them as text.
        Assert.Contains("123456789012345678901234567890.12345678901234567890", Documents.Text(changed.Document), StringComparison.Ordinal);
        Assert.Contains("[1,2.50,-0,1e400,null,{\"x\":{}}]", Documents.Text(changed.Document), StringComparison.Ordinal);
        Assert.Contains("18446744073709551615", Documents.Text(changed.Document), StringComparison.Ordinal);
        Assert.Contains("A <a@example.invalid>", Documents.Text(changed.Document), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_change_touches_its_own_member_only()
    {
        var original = ImageConfig.Read(Documents.Of(Rich));
        var changed = original.With(
            config =>
            {
                config.SetCreated(Time);
                config.SetUser("app");
                config.SetWorkingDirectory("/app/");
                config.SetEntrypoint(["dotnet", "/app/x.dll"]);
                config.SetCommand(null);
                config.SetEnvironmentVariable("EMPTY", "full");
                config.SetEnvironmentVariable("NOVALUE", "1=2");
                config.SetEnvironmentVariable("NEW", "");
                config.ExposePort("8080/tcp");
                config.SetLabel("com.example", "2");
                config.SetLabel("new", "3");
            },
            ImageFormat.Docker);

        var expected = JsonNode.Parse(Rich)!.AsObject();
        expected["created"] = "2026-02-03T04:05:06Z";
        var runtime = expected["config"]!.AsObject();
        runtime["User"] = "app";
        runtime["WorkingDir"] = "/app/";
        runtime["Entrypoint"] = new JsonArray("dotnet", "/app/x.dll");
        runtime.Remove("Cmd");
        runtime["Env"] = new JsonArray("PATH=/bin", "EMPTY=full", "NOVALUE=1=2", "A=b=c", "NEW=");
        runtime["ExposedPorts"]!["8080/tcp"] = new JsonObject();
        runtime["Labels"]!["com.example"] = "2";
        runtime["Labels"]!["new"] = "3";
        Assert.True(JsonNode.DeepEquals(expected, JsonNode.Parse(changed.Document.Content.Span)), Documents.Text(changed.Document));

        Assert.Equal(MediaTypes.DockerConfig, changed.Document.MediaType);
        Assert.Equal(Rich, Documents.Text(original.Document));
        Assert.Equal("1654:1654", original.User);
    }

    [Fact]
    public void Variables_are_replaced_where_they_stand_and_names_are_compared_whole()
    {
        var config = ImageConfig.Read(Documents.Of("""{"config":{"Env":["AB=1","A=2","B=3"]}}""")).With(
            edit =>
            {
                edit.SetEnvironmentVariable("A", "x");
                edit.SetEnvironmentVariable("a", "y");
            },
            ImageFormat.Oci);
        Assert.Equal(["AB=1", "A=x", "B=3", "a=y"], config.Environment.Select(v => $"{v.Key}={v.Value}"));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("""{"Env":null,"Labels":null,"ExposedPorts":null,"Entrypoint":null,"Cmd":null,"User":""}""")]
    [InlineData("{}")]
    public void Absent_and_null_members_can_be_set(string runtime)
    {
        var read = ImageConfig.Read(Documents.Of($$"""{"architecture":"amd64","os":"linux","config":{{runtime}},"rootfs":{"type":"layers","diff_ids":null},"history":null}"""));
        Assert.Empty(read.Environment);
        Assert.Empty(read.Labels);
        Assert.Empty(read.DiffIds);
        Assert.Null(read.Entrypoint);
        Assert.Null(read.Command);
        Assert.Null(read.User);
        Assert.False(read.HasHistory);

        var config = read.With(
            edit =>
            {
                edit.SetEnvironmentVariable("A", "1");
                edit.SetLabel("l", "2");
                edit.ExposePort("1/tcp");
                edit.SetEntrypoint(["e"]);
                edit.SetCommand(["c"]);
                edit.AddLayer(Digest.Of([]), Time, "by", "why");
            },
            ImageFormat.Oci);
        Assert.Equal("A=1", Assert.Single(config.Environment.Select(v => $"{v.Key}={v.Value}")));
        Assert.Equal("2", config.Labels["l"]);
        Assert.Equal(["e"], config.Entrypoint);
        Assert.Equal(["c"], config.Command);
        Assert.Equal([Digest.Of([])], config.DiffIds);
        Assert.Equal(1, config.LayersInHistory);
    }

    [Fact]
    public void A_layer_comes_with_its_line_in_the_history()
    {
        var config = ImageConfig.Read(Documents.Of(Rich)).With(
            edit =>
            {
                edit.CompleteHistory(1);
                edit.AddLayer(Digest.Of("abc"u8), Time, "Containerize: application", "comment");
            },
            ImageFormat.Oci);
        Assert.Equal([Documents.Hash('1'), Digest.Of("abc"u8).ToString()], config.DiffIds.Select(id => id.ToString()));
        var history = JsonNode.Parse(config.Document.Content.Span)!["history"]!.AsArray();
        Assert.Equal(3, history.Count);
        Assert.Equal("""{"created":"2026-02-03T04:05:06Z","created_by":"Containerize: application","comment":"comment"}""", history[2]!.ToJsonString());
        Assert.Equal(1, JsonNode.Parse(config.Document.Content.Span)!["rootfs"]!["vendor"]!.GetValue<int>());
    }

    [Theory]
    [InlineData("[]", 3, 3)]
    [InlineData("null", 3, 3)]
    [InlineData("null", 0, 0)]
    [InlineData("""[{"created_by":"a"},{"empty_layer":true},{"empty_layer":false}]""", 3, 3)]
    [InlineData("""[{"created_by":"a"},{"created_by":"b"}]""", 2, 2)]
    [InlineData("""[{"empty_layer":true},{"empty_layer":true},{"empty_layer":true},{"created_by":"a"},{"empty_layer":true}]""", 5, 5)]
    public void A_history_that_says_too_little_is_completed(string history, int layers, int told)
    {
        var config = ImageConfig.Read(Documents.Of($$"""{"history":{{history}}}""")).With(edit => edit.CompleteHistory(layers), ImageFormat.Oci);
        Assert.Equal(told, config.LayersInHistory);
    }

    [Fact]
    public void An_empty_one_says_only_what_is_needed()
    {
        Assert.Equal(
            """{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""",
            Documents.Text(ImageConfig.Empty(new Platform("linux", "amd64")).Document));
        Assert.Equal(
            """{"architecture":"arm64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}""",
            Documents.Text(ImageConfig.Empty(new Platform("linux", "arm64", "v8")).Document));
        Assert.Equal(
            """{"architecture":"arm","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"variant":"v7"}""",
            Documents.Text(ImageConfig.Empty(new Platform("linux", "arm", "v7")).Document));
    }

    [Fact]
    public void Times_do_not_depend_on_culture_or_zone()
    {
        var created = ImageConfig.Empty(new Platform("linux", "amd64"))
            .With(edit => edit.SetCreated(new DateTimeOffset(2026, 1, 1, 0, 30, 0, TimeSpan.FromHours(14))), ImageFormat.Oci);
        Assert.Contains("\"created\":\"2025-12-31T10:30:00Z\"", Documents.Text(created.Document), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{")]
    [InlineData("""{"os":1}""")]
    [InlineData("""{"os":{}}""")]
    [InlineData("""{"os":"linux","os":"linux"}""")]
    [InlineData("""{"rootfs":{"diff_ids":["sha256:abc"]}}""")]
    [InlineData("""{"rootfs":{"diff_ids":[null]}}""")]
    [InlineData("""{"rootfs":{"diff_ids":[{}]}}""")]
    [InlineData("""{"history":[{"empty_layer":"yes"}]}""")]
    [InlineData("""{"history":[{"empty_layer":{}}]}""")]
    [InlineData("""{"config":{"Env":[1]}}""")]
    [InlineData("""{"config":{"Env":[[]]}}""")]
    [InlineData("""{"config":{"Entrypoint":[true]}}""")]
    [InlineData("""{"config":{"Cmd":[{}]}}""")]
    [InlineData("""{"config":{"User":7}}""")]
    [InlineData("""{"config":{"Labels":{"a":1}}}""")]
    [InlineData("""{"config":{"Labels":{"a":[]}}}""")]
    [InlineData("""{"config":{"User":"\udc00"}}""")]
    [InlineData("""{"com.vendor":"\ud800"}""")]
    [InlineData("""{"\ud800":1}""")]
    public void A_malformed_one_is_refused(string json) => Assert.Throws<FormatException>(() => ImageConfig.Read(Documents.Of(json)));

    [Fact]
    public void Depth_that_only_an_attacker_needs_is_refused()
    {
        var json = string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1000);
        Assert.Throws<FormatException>(() => ImageConfig.Read(Documents.Of(json)));
    }
}

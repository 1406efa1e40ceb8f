using Containerize.Images;
using Containerize.Registries;
using Containerize.Registries.Configuration;
using Containerize.Registries.Transport;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>What the files of Docker and podman say of registries, without either of them being there.</summary>
public sealed class MachineConfigurationTests : IDisposable
{
    private readonly TempFolder _folder = new("machine");
    private readonly FakeEnvironment _environment = new();
    private readonly List<string> _notices = [];

    public MachineConfigurationTests()
    {
        _environment.SystemDirectory = Path.Combine(_folder.Path, "etc");
        _environment.HomeDirectory = Path.Combine(_folder.Path, "home");
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("R.Example.:5000", "r.example:5000")]
    [InlineData("r.example:443", "r.example")]
    [InlineData("[0:0::1]:5000", "[::1]:5000")]
    [InlineData("r.example", null)]
    public void A_folder_of_certificates_is_found_however_its_host_is_written(string folder, string? authority)
    {
        if (OperatingSystem.IsWindows())
            return; // Names there hold no colon.
        var path = Directory.CreateDirectory(Path.Combine(_folder.Path, ".docker", "certs.d", folder)).FullName;
        var machine = new MachineConfiguration(
            new FakeEnvironment { HomeDirectory = _folder.Path, SystemDirectory = _folder["etc"] }, null);
        Assert.Equal(authority is null ? null : path, machine.CertificateFolderOf(authority ?? "r.example:5000"));
    }

    [Fact]
    public void A_place_that_is_none_is_told_of()
    {
        var file = _folder.Write("etc/containers/registries.conf", """
            [[registry]]
            prefix = "a.example"
            location = "https://corp.example/bar"
            [[registry]]
            location = "b.example/team"
            [[registry.mirror]]
            location = "c.example:5000/b"
            [[registry.mirror]]
            location = "FOO BAR"
            """);
        Assert.Equal(2, Machine().Registries.Count);
        Assert.Equal(
            [
                $"{file} sends 'a.example' to 'https://corp.example/bar', which is no registry (such as 'host:5000/path', without "
                    + "'https://'); that is passed over.",
                $"{file} sends 'b.example/team' to 'FOO BAR', which is no registry (such as 'host:5000/path', without 'https://'); "
                    + "that is passed over.",
            ],
            _notices);
    }

    [Fact]
    public void Insecure_registries_come_from_all_of_the_files()
    {
        _folder.Write("etc/docker/daemon.json", """{"insecure-registries":["http://a.example:5000/","10.1.0.0/16", 7]}""");
        _folder.Write("home/.config/docker/daemon.json", """{"insecure-registries":["b.example"]}""");
        _folder.Write("home/.docker/daemon.json", """{"insecure-registries":["c.example"]}""");
        _folder.Write("etc/containers/registries.conf", """
            # The machine's.
            [[registry]]
            location = "d.example/team"
            insecure = true
            [[registry]]
            prefix = "e.example"
            location = "f.example:8080/proxy"
            insecure = true
            [[registry.mirror]]
            location = "g.example/e"
            insecure = true
            [[registry]]
            prefix = "*.i.example"
            insecure = true
            """);
        var insecure = new InsecureHosts(["own.example"], "variable.example", () => Machine().Insecure);

        foreach (var host in new[] { "own.example", "variable.example", "a.example:5000", "10.1.2.3:5000", "b.example", "c.example", "d.example", "f.example:8080", "g.example", "a.i.example", "b.a.i.example:5000", "127.0.0.1:1" })
            Assert.True(insecure.Contains(new Uri("https://" + host)), host);
        foreach (var host in new[] { "a.example", "a.example:5001", "10.2.0.1", "e.example", "h.example", "10.1.example", "i.example", "ai.example" })
            Assert.False(insecure.Contains(new Uri("https://" + host)), host);
        Assert.Empty(_notices);
    }

    [Fact]
    public void A_variable_that_names_no_file_is_told_of()
    {
        var told = new List<string>();
        _environment.Variables["CONTAINERS_REGISTRIES_CONF"] = _folder["none.conf"];

        Assert.Empty(new MachineConfiguration(_environment, told.Add).Registries);

        Assert.Equal(
            $"CONTAINERS_REGISTRIES_CONF names '{_folder["none.conf"]}', and there is no such file: no registries.conf is read. "
                + "Correct or remove the variable.",
            Assert.Single(told));
    }

    [Fact]
    public void A_device_is_not_read_to_its_end()
    {
        if (OperatingSystem.IsWindows())
            return;
        var told = new List<string>();
        _environment.Variables["CONTAINERS_REGISTRIES_CONF"] = "/dev/zero";

        Assert.Empty(new MachineConfiguration(_environment, told.Add).Registries);

        Assert.Contains("/dev/zero", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void The_users_own_file_takes_the_place_of_the_machines_and_fragments_go_before_both()
    {
        _folder.Write("etc/containers/registries.conf", "[[registry]]\nlocation = \"machine.example\"\ninsecure = true\n");
        Assert.Equal(["machine.example"], Machine().Insecure);
        _folder.Write("etc/containers/registries.conf.d/10.conf", "[[registry]]\nlocation = \"machine.example\"\nblocked = true\n");
        Assert.Empty(Machine().Insecure);
        _folder.Write("home/.config/containers/registries.conf", "[[registry]]\nlocation = \"mine.example\"\ninsecure = true\n");
        Assert.Equal(["mine.example"], Machine().Insecure);
        _environment.Variables["CONTAINERS_REGISTRIES_CONF"] = _folder.Write(
            "special.conf", "[[registry]]\nlocation = \"special.example\"\ninsecure = true\n");
        Assert.Equal(["special.example"], Machine().Insecure);
    }

    [Theory]
    [InlineData("etc/containers/registries.conf", "[[registry]\nlocation = ", "it is no TOML")]
    [InlineData("etc/docker/daemon.json", """{"insecure-registries": [""", "it is not valid JSON")]
    [InlineData("etc/docker/daemon.json", "[]", "it is not a JSON object")]
    [InlineData("etc/docker/daemon.json", """{"insecure-registries": ["\ud800"]}""", "it holds text that is not Unicode")]
    public void A_file_that_is_broken_is_told_of_and_passed_over(string file, string content, string why)
    {
        var path = _folder.Write(file, content);
        var machine = Machine();
        Assert.Empty(machine.Insecure);
        Assert.Empty(machine.DockerHubMirrors);
        Assert.Contains($"'{path}'", Assert.Single(_notices), StringComparison.Ordinal);
        Assert.Contains(why, _notices[0], StringComparison.Ordinal);
    }

    // Files; the project's mirrors; the image; where it is looked for.
    public static TheoryData<string, string, string, string> Sources => new()
    {
        { "", "", "docker.io/library/alpine:3", "docker.io/library/alpine:3" },
        { "", "docker.io=m.example/hub", "docker.io/library/alpine:3", "m.example/hub/library/alpine:3 docker.io/library/alpine:3" },
        { "", "docker.io=m.example/hub docker.io=n.example docker.io/team=o.example/t", "docker.io/team/app:1", "o.example/t/app:1 "
            + "m.example/hub/team/app:1 n.example/team/app:1 docker.io/team/app:1" },
        { "", "docker.io/te=m.example", "docker.io/team/app:1", "docker.io/team/app:1" },
        { """prefix="docker.io" m="x.example" m="y.example/hub" """, "", "docker.io/library/alpine:3", "x.example/library/alpine:3 y.example/hub/library/alpine:3 docker.io/library/alpine:3" },
        { """prefix="docker.io" m="x.example" """, "docker.io=m.example", "docker.io/a/b:1", "m.example/a/b:1 x.example/a/b:1 docker.io/a/b:1" },
        { """prefix="r.example/team" location="s.example/other" """, "", "r.example/team/app:1", "s.example/other/app:1" },
        { """prefix="r.example/team" location="s.example/other" """, "", "r.example/teams/app:1", "r.example/teams/app:1" },
        { """prefix="*.example" location="s.internal/x" """, "", "r.example/team/app:1", "s.internal/x/team/app:1" },
        { """location="r.example" digests="x.example" """, "", "r.example/app:1", "r.example/app:1" },
        { """location="r.example" tags="x.example" """, "", "r.example/app:1", "x.example/app:1 r.example/app:1" },
        { """prefix="r.example" m="R EXAMPLE" """, "", "r.example/app:1", "r.example/app:1" },
        { """prefix="r.example" m="r.example" """, "", "r.example/app:1", "r.example/app:1" },
    };

    [Theory]
    [MemberData(nameof(Sources))]
    public void An_image_is_looked_for_in_mirrors_first(string entry, string given, string image, string places)
    {
        if (entry.Length > 0)
            _folder.Write("etc/containers/registries.conf", Toml(entry));
        var mirrors = given.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .Select(pair => new RegistryMirror(pair[0], pair[1]));

        var sources = new PullSources([.. mirrors], Machine()).Of(Reference(image));

        Assert.Equal(places, string.Join(' ', sources.Select(source => source.Reference)));
        Assert.All(sources.SkipLast(1), source => Assert.True(source.IsMirror));
        Assert.False(sources[^1].IsMirror);
    }

    [Theory]
    [InlineData("a.b.example/app", "b.internal/app")]
    [InlineData("a.example/app", "a.internal/app")]
    [InlineData("b.example/app", "own.internal/app")]
    [InlineData("a.b.example:5000/app", "b.internal:5000/app")]
    [InlineData("example/app", "docker.io/example/app")]
    public void Of_patterns_the_longest_counts_and_a_port_is_no_part_of_them(string name, string place)
    {
        _folder.Write("etc/containers/registries.conf", """
            [[registry]]
            prefix = "*.example"
            location = "a.internal"
            [[registry]]
            prefix = "*.b.example"
            location = "b.internal"
            [[registry]]
            prefix = "b.example"
            location = "own.internal"
            """);
        Assert.Equal(place, new PullSources([], Machine()).Of(Reference(name))[^1].Reference.Name);
    }

    [Fact]
    public void Mirrors_may_be_for_digests_or_tags_alone()
    {
        _folder.Write("etc/containers/registries.conf", Toml("""location="r.example" digests="d.example" tags="t.example" """));
        var digest = Digest.Of("x"u8).ToString();
        Assert.Equal(
            $"d.example/app@{digest} r.example/app@{digest}",
            string.Join(' ', new PullSources([], Machine()).Of(Reference($"r.example/app@{digest}")).Select(source => source.Reference)));
    }

    [Fact]
    public void Docker_engines_mirrors_are_for_docker_hub_and_where_registries_conf_says_nothing()
    {
        _folder.Write("etc/docker/daemon.json", """{"registry-mirrors":["https://mirror.example/", "http://second.example:5000"]}""");
        Assert.Equal(
            ["mirror.example/library/alpine:3", "second.example:5000/library/alpine:3", "docker.io/library/alpine:3"],
            new PullSources([], Machine()).Of(Reference("docker.io/library/alpine:3")).Select(source => source.Reference.ToString()));
        Assert.Single(new PullSources([], Machine()).Of(Reference("r.example/app:1")));
        _folder.Write("etc/containers/registries.conf", Toml("""prefix="docker.io" """));
        Assert.Single(new PullSources([], Machine()).Of(Reference("docker.io/library/alpine:3")));
    }

    [Fact]
    public void What_the_machine_blocks_is_not_pulled()
    {
        _folder.Write("etc/containers/registries.conf", "[[registry]]\nprefix = \"r.example/secret\"\nblocked = true\n");
        var e = Assert.Throws<RegistryException>(() => new PullSources([], Machine()).Of(Reference("r.example/secret/app:1")));
        Assert.Contains("registries.conf blocks 'r.example/secret'", e.Message, StringComparison.Ordinal);
        Assert.Single(new PullSources([], Machine()).Of(Reference("r.example/open/app:1")));
    }

    [Theory]
    [InlineData("  [[ registry ]]\nlocation = \"x.example\"\ninsecure = true\n", "x.example")]
    [InlineData("registry = [ { location = 'x.example', insecure = true } ]", "x.example")]
    [InlineData("[aliases]\n\"alpine\" = \"docker.io/library/alpine\"\n# [[registry]]\n# insecure = true\n", "")]
    public void Other_ways_of_writing_it(string text, string insecure)
    {
        _folder.Write("etc/containers/registries.conf", text);
        Assert.Equal(insecure, string.Join(' ', Machine().Insecure));
        Assert.Empty(_notices);
    }

    [Fact]
    public void Half_a_surrogate_pair_in_a_list_of_registries_is_no_toml() =>
        Assert.Throws<FormatException>(() => RegistriesFile.Parse("[[registry]]\nlocation = \"x.example\"\nx\ud800\n"));

    [Fact]
    public void The_most_specific_folder_of_certificates_counts()
    {
        Assert.Null(Machine().CertificateFolderOf("r.example:5000"));
        foreach (var folder in new[] { "etc/docker", "etc/containers", "home/.docker", "home/.config/docker", "home/.config/containers" })
        {
            var path = Directory.CreateDirectory(Path.Combine(_folder.Path, folder, "certs.d", "r.example:5000")).FullName;
            Assert.Equal(path, Machine().CertificateFolderOf("r.example:5000"));
            Assert.Null(Machine().CertificateFolderOf("r.example"));
        }
    }

    private MachineConfiguration Machine() => new(_environment, _notices.Add);

    private static ImageReference Reference(string text) =>
        ImageReference.TryParse(text, out var reference, out _) ? reference : throw new ArgumentException(text);

    // prefix=… location=… m=… (a mirror) tags=… digests=… (mirrors for those alone)
    private static string Toml(string entry)
    {
        var lines = new List<string> { "[[registry]]" };
        foreach (System.Text.RegularExpressions.Match pair in System.Text.RegularExpressions.Regex.Matches(entry, "(\\w+)=\"([^\"]*)\""))
        {
            var (name, value) = (pair.Groups[1].Value, pair.Groups[2].Value);
            lines.Add(name is "prefix" or "location"
                ? $"{name} = \"{value}\""
                : "[[registry.mirror]]\nlocation = "
                    + $"\"{value}\"" + name switch { "tags" => "\npull-from-mirror = \"tag-only\"", "digests" => "\npull-from-mirror "
                    + "= \"digest-only\"", _ => "" });
        }

        return string.Join('\n', lines);
    }
}

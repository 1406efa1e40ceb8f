using System.Text;
using System.Text.Json;
using Containerize.Images;
using Containerize.Registries;
using Containerize.Registries.Configuration;
using Containerize.Registries.Credentials;
using Containerize.Registries.Transport;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Registries;

/// <summary>What holds for all files of Docker and podman, and for what somebody takes for one.</summary>
public sealed class ConfigurationProperties
{
    private const string Structure = "[]{}\"'=.,:#\n\\ ";

    private const string Toml = """
        unqualified-search-registries = ["docker.io"]
        [[registry]]
        prefix = "*.example/x"
        location = 'r.example'
        insecure = true
        blocked = false
        [[registry.mirror]]
        location = "m.example"
        pull-from-mirror = "tag-only"

        """;

    private static readonly string[] Words =
        ["auths", "credHelpers", "credsStore", "r.example", "https://r.example/v2/", "r.example/a", "auth", "username", "password", "identitytoken", "registrytoken", "dTpw", "insecure-registries", "registry-mirrors"];

    private static Gen<string> Host => Gen.OneOf("r.example", "r.example:5000", "localhost:5000", "docker.io");

    private static Gen<string[]> Path => Gen.OneOf("a", "b", "team").Array[0, 3];

    [Fact]
    public void The_most_specific_login_counts_however_it_is_written() =>
        Gen.Select(Host, Path.Where(path => path.Length > 0), Gen.Select(Host, Path, Gen.Int[0, 4]).Array[0, 8]).Holds(
            file =>
            {
                var (host, repository, entries) = file;
                var keys = entries.Select(
                    entry =>
                        (
                            Host: entry.Item1,
                            Path: entry.Item2,
                            Spelling: entry.Item3,
                            Text: Spelled(entry.Item1, entry.Item2, entry.Item3))).DistinctBy(key => key.Text).ToList();
                var json = JsonSerializer.SerializeToUtf8Bytes(new
                {
                    auths = keys.ToDictionary(key => key.Text, key => new { username = key.Text, password = "p" }),
                    credHelpers = keys.ToDictionary(key => key.Text, key => "helper"),
                });
                // The longest path wins, then what is written as it is meant, then the first.
                var expected = keys.Where(key => key.Host == host && repository.Take(key.Path.Length).SequenceEqual(key.Path))
                    .OrderByDescending(key => key.Path.Length).ThenBy(key => key.Spelling == 0 ? 0 : 1).Select(key => key.Text)
                    .FirstOrDefault();

                var auth = AuthFile.Parse("test", json);
                var (registry, name) = (new RegistryHost(host), string.Join('/', repository));
                Assert.Equal(expected, auth.Find(registry, name)?.User);
                Assert.Equal(expected, auth.HelperFor(registry, name)?.Key);
                Assert.Equal(expected, auth.KeysFor(registry, name).FirstOrDefault());
            },
            cases: 600);

    [Fact]
    public void Any_file_of_logins_is_read_or_refused() =>
        Gen.OneOf(
            Anything.Json(Words),
            Anything.Text(Structure),
            Anything.ChangedJson("""{"auths":{"r.example/a":{"auth":"dTpw"},"https://r.example/v2/":{"username":"u","password":"p","identitytoken":"t"}},"credHelpers":{"r.example":"h"},"credsStore":"s"}""", Words)).Holds(
            text => AssertFormat(() =>
            {
                var file = AuthFile.Parse("test", Encoding.UTF8.GetBytes(text));
                var host = new RegistryHost("r.example");
                _ = (file.HelperFor(host, "a/b"), file.Store, file.KeysFor(host, "a/b").ToList(), file.Find(host, "a/b"));
            }),
            cases: 1000);

    [Fact]
    public void Any_list_of_registries_is_read_or_refused() =>
        Gen.OneOf(Anything.Text(Structure).Select(text => Toml + text), Anything.Changed(Gen.Const(Toml), Structure)).Holds(
            text => AssertFormat(() => RegistriesFile.Parse(text)),
            cases: 500);

    [Fact]
    public void Any_files_of_the_machine_are_heeded_or_told_of()
    {
        using var folder = new TempFolder();
        Gen.Select(Anything.Changed(Gen.Const(Toml), Structure), Gen.OneOf(Anything.Json(Words), Anything.ChangedJson("""{"insecure-registries":["r.example"],"registry-mirrors":["https://m.example"]}""", Words))).Holds(
            files =>
            {
                var notices = new List<string>();
                var machine = new MachineConfiguration(
                    new FakeEnvironment
                    {
                        SystemDirectory = folder.Path,
                        Variables = { ["CONTAINERS_REGISTRIES_CONF"] = folder.Write("registries.conf", files.Item1) },
                    },
                    notices.Add);
                folder.Write("docker/daemon.json", files.Item2);
                _ = (machine.Insecure.ToList(), machine.DockerHubMirrors.ToList());
                Assert.InRange(notices.Count, 0, 2);
            },
            cases: 80);
    }

    [Fact]
    public void The_longest_prefix_says_where_an_image_is()
    {
        using var folder = new TempFolder();
        var host = Gen.OneOf("r.example", "a.r.example", "b.a.r.example", "a.r.example:5000", "other.example");
        var pattern = Gen.OneOf(
            Gen.OneOf("*.r.example", "*.a.r.example", "*.example"),
            Gen.Select(host, Path).Select((name, path) => string.Join('/', path.Prepend(name))));
        Gen.Select(pattern.Array[0, 6], host, Path.Where(path => path.Length > 0)).Holds(
            file =>
            {
                var (patterns, registry, path) = file;
                var prefixes = patterns.Distinct().ToList();
                var toml = string.Concat(
                    prefixes.Select((prefix, i) => $"[[registry]]\nprefix = \"{prefix}\"\nlocation = \"new{i}.example\"\n"));
                var machine = new MachineConfiguration(
                    new FakeEnvironment { Variables = { ["CONTAINERS_REGISTRIES_CONF"] = folder.Write("registries.conf", toml) } }, null);
                var name = string.Join('/', path.Prepend(registry));

                // containers-registries.conf(5), in its own words: the longest wins, and a pattern takes the place of the whole host.
                var best = prefixes.Where(prefix => Fits(prefix, registry, name)).OrderByDescending(prefix => prefix.TrimStart('*').Length)
                    .FirstOrDefault();
                // What is left of "host:5000/a" behind the prefix "host" is ":5000/a".
                var rewritten = best is null
                    ? name
                    : $"new{prefixes.IndexOf(best)}.example" + name[(best[0] == '*' ? registry.Split(':')[0].Length : best.Length)..];
                // A host alone names no image, so such an entry changes nothing.
                Assert.Equal(
                    rewritten.Contains('/') ? rewritten : name,
                    new PullSources([], machine).Of(new ImageReference(registry, string.Join('/', path)))[^1].Reference.Name);
            },
            cases: 200);
    }

    [Fact]
    public void A_prefix_ends_where_a_part_of_the_name_does() =>
        Gen.Select(Gen.String[Gen.Char["a./:*"], 0, 6], Gen.String[Gen.Char["a./:"], 0, 10]).Holds(
            pair =>
            {
                var (text, name) = pair;
                var covered = new NamePrefix(text).Covers(name);
                // Hosts are compared in their canonical form: "a." is "a".
                Assert.InRange(covered, -1, CanonicalHost.NameOf(name).Length);
                if (covered >= 0)
                    Assert.StartsWith("new", new NamePrefix(text).Rewrite(name, "new"));
                if (covered >= 0 && !text.StartsWith("*.")
                    && (CanonicalHost.NameOf(text), CanonicalHost.NameOf(name)) is var (canonical, whole))
                    Assert.True(
                        covered == canonical.Length
                            && (whole == canonical || whole.StartsWith(canonical + "/") || whole.StartsWith(canonical + ":")),
                        $"{text} {name}");
            },
            cases: 1000);

    private static bool Fits(string prefix, string registry, string name) => prefix[0] == '*'
        ? registry.Split(':')[0].EndsWith(prefix[1..], StringComparison.Ordinal)
        : name == prefix || name.StartsWith(prefix + "/", StringComparison.Ordinal)
        || name.StartsWith(prefix + ":", StringComparison.Ordinal);

    // As tools have written it over the years. Only without a path is "/v1/" the API's version.
    private static string Spelled(string host, string[] path, int spelling)
    {
        var plain = string.Join('/', path.Prepend(host));
        return spelling switch
        {
            0 => plain,
            1 => "https://" + plain,
            2 => "http://" + plain + "/",
            3 => plain.ToUpperInvariant(),
            _ => path.Length == 0 ? $"https://{plain}/v2/" : plain + "/",
        };
    }

    private static void AssertFormat(Action read) =>
        Assert.True(Record.Exception(read) is var e && e is null or FormatException, e?.ToString());
}

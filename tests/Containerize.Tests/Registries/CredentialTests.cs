using System.Text;
using Containerize.Hosting;
using Containerize.Registries;
using Containerize.Registries.Credentials;

namespace Containerize.Tests.Registries;

public sealed class CredentialTests : IDisposable
{
    private readonly string _home = Directory.CreateTempSubdirectory("credentials-").FullName;
    private readonly FakeEnvironment _environment = new();
    private readonly FakeProcesses _processes = new();
    private readonly FakeClock _clock = new();

    public CredentialTests() => _environment.HomeDirectory = _home;

    private string DockerConfig => Path.Combine(_home, ".docker", "config.json");

    public void Dispose() => Directory.Delete(_home, recursive: true);

    [Theory]
    [InlineData(RegistryAccess.Pull, "PULL")]
    [InlineData(RegistryAccess.Push, "PUSH DOTNET SDK")]
    [InlineData(RegistryAccess.PullAndPush, "PULL DOTNET SDK")]
    public async Task Variables_are_asked_in_the_sdks_order(RegistryAccess access, string order)
    {
        string[] prefixes = ["DOTNET_CONTAINER_PULL", "DOTNET_CONTAINER_PUSH", "DOTNET_CONTAINER", "SDK_CONTAINER"];
        foreach (var prefix in prefixes)
            Set(prefix, prefix.Split('_')[^1] == "CONTAINER" ? prefix.Split('_')[0] : prefix.Split('_')[^1]);
        foreach (var expected in order.Split(' '))
        {
            var credential = await FindAsync("r.example", access: access);
            Assert.Equal((expected, "p"), (credential?.User, credential?.Secret));
            foreach (var prefix in prefixes.Where(p => _environment.GetVariable(p + "_REGISTRY_UNAME") == expected))
            {
                _environment.Variables.Remove(prefix + "_REGISTRY_UNAME");
                _environment.Variables.Remove(prefix + "_REGISTRY_PWORD");
            }
        }

        Assert.Null(await FindAsync("r.example", access: access));

        void Set(string prefix, string user)
        {
            _environment.Variables[prefix + "_REGISTRY_UNAME"] = user;
            _environment.Variables[prefix + "_REGISTRY_PWORD"] = "p";
        }
    }

    [Theory]
    [InlineData("r.example", "app", "ada", "one")]
    [InlineData("r.example", "team/app", "ci", "two")]
    [InlineData("r.example", "team/deep/app", "ci", "two")]
    [InlineData("r.example:5000", "app", null, null)]
    [InlineData("docker.io", "library/app", "hub", "from a file")]
    public async Task A_login_of_the_project_goes_before_all_others_for_its_registry_alone(
        string host, string repository, string? user, string? secret)
    {
        _environment.Variables["R_TOKEN"] = "one";
        _environment.Variables["TEAM_USER"] = "ci";
        _environment.Variables["TEAM_TOKEN"] = "two";
        var file = Path.Combine(_home, "hub-token");
        await File.WriteAllTextAsync(file, "from a file\r\n");
        var source = new ProjectCredentials(
            [
                new RegistryLogin("r.example") { User = "ada", PasswordVariable = "R_TOKEN" },
                new RegistryLogin("r.example/team") { UserVariable = "TEAM_USER", PasswordVariable = "TEAM_TOKEN" },
                new RegistryLogin("docker.io") { User = "hub", PasswordFile = file },
            ],
            _environment);
        var looked = new List<string>();

        var credential = await source.FindAsync(
            new CredentialQuery(new RegistryHost(host), repository, RegistryAccess.Push), looked, default);

        Assert.Equal((user, secret), (credential?.User, credential?.Secret));
        Assert.Equal(["ContainerRegistryLogin"], looked);
        Assert.DoesNotContain(secret ?? "-", credential?.ToString() ?? "", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_SUCH", null, "the environment variable NO_SUCH holds, but it is not set or empty")]
    [InlineData(null, "no-such-file", "which does not exist")]
    [InlineData(null, "empty", "which is empty")]
    public async Task A_login_of_the_project_without_its_secret_is_an_error(string? variable, string? file, string why)
    {
        await File.WriteAllTextAsync(Path.Combine(_home, "empty"), "\n");
        var login = new RegistryLogin("r.example") { User = "ada", PasswordVariable = variable, PasswordFile = file is null ? null : Path.Combine(_home, file) };
        var e = await Assert.ThrowsAsync<RegistryException>(
            () => new ProjectCredentials([login], _environment)
                .FindAsync(new CredentialQuery(new RegistryHost("r.example"), "app", RegistryAccess.Pull), [], default));
        Assert.Equal(RegistryFailure.Credentials, e.Failure);
        Assert.StartsWith("The ContainerRegistryLogin 'r.example' takes what ", e.Message, StringComparison.Ordinal);
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Variables_that_name_no_host_are_not_for_mirrors()
    {
        _environment.Variables["DOTNET_CONTAINER_PULL_REGISTRY_UNAME"] = "user";
        _environment.Variables["DOTNET_CONTAINER_PULL_REGISTRY_PWORD"] = "password";
        Assert.NotNull(await FindAsync("r.example", access: RegistryAccess.Pull));
        Assert.Null(await FindAsync("r.example", access: RegistryAccess.Mirror));
    }

    [Theory]
    [InlineData("DOTNET_CONTAINER_PUSH_REGISTRY_UNAME", "DOTNET_CONTAINER_PUSH_REGISTRY_PWORD")]
    [InlineData("DOTNET_CONTAINER_PUSH_REGISTRY_PWORD", "DOTNET_CONTAINER_PUSH_REGISTRY_UNAME")]
    [InlineData("SDK_CONTAINER_REGISTRY_UNAME", "SDK_CONTAINER_REGISTRY_PWORD")]
    public async Task Half_a_pair_of_variables_is_an_error_that_names_the_other_half(string present, string missing)
    {
        _environment.Variables[present] = "s3cret";
        _environment.Variables[missing] = "";
        var exception = await Assert.ThrowsAsync<RegistryException>(() => FindAsync("r.example", access: RegistryAccess.Push));
        Assert.Equal(RegistryFailure.Credentials, exception.Failure);
        Assert.Contains($"{present} is set, but {missing} is not set or empty", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", exception.ToString(), StringComparison.Ordinal);
        // Those for something else are not asked for.
        Assert.Null(await FindAsync("r.example"));
    }

    [Theory]
    // Host, repository, the keys of "auths" in the file's order, and the one that is meant.
    [InlineData("r.example", "a/b", "other.example r.example", "r.example")]
    [InlineData("r.example", "a/b", "https://r.example", "https://r.example")]
    [InlineData("r.example", "a/b", "https://r.example/v1/", "https://r.example/v1/")]
    [InlineData("r.example", "a/b", "https://r.example/v2/", "https://r.example/v2/")]
    [InlineData("r.example", "a/b", "http://r.example/", "http://r.example/")]
    [InlineData("r.example", "a/b", "https://r.example/v1/ r.example", "r.example")]
    [InlineData("R.Example", "a/b", "r.example", "r.example")]
    [InlineData("r.example:5000", "a/b", "r.example r.example:5000", "r.example:5000")]
    [InlineData("r.example", "a/b", "r.example:5000", null)]
    [InlineData("r.example", "a/b", "https://r.example:443/ r.example", "r.example")]
    [InlineData("r.example", "a/b", "R.Example./a", "R.Example./a")]
    [InlineData("r.example:443", "a/b", "r.example", "r.example")]
    [InlineData("xn--bcher-kva.example", "a/b", "bücher.example", "bücher.example")]
    [InlineData("[::1]:5000", "a/b", "https://[0:0::1]:5000/", "https://[0:0::1]:5000/")]
    [InlineData("0x7f.1:5000", "a/b", "127.0.0.1:5000", "127.0.0.1:5000")]
    [InlineData("r.example", "a/b", "r.example.evil evil/r.example", null)]
    [InlineData("r.example", "a/b/c", "r.example r.example/a r.example/a/b", "r.example/a/b")]
    [InlineData("r.example", "a/bc", "r.example r.example/a/b", "r.example")]
    [InlineData("r.example", "other", "r.example/a", null)]
    [InlineData("docker.io", "library/x", "https://index.docker.io/v1/", "https://index.docker.io/v1/")]
    [InlineData("docker.io", "library/x", "docker.io https://index.docker.io/v1/", "https://index.docker.io/v1/")]
    [InlineData("docker.io", "library/x", "docker.io", "docker.io")]
    [InlineData("docker.io", "team/x", "https://index.docker.io/v1/ docker.io/team", "docker.io/team")]
    [InlineData("registry-1.docker.io", "team/x", "index.docker.io", "index.docker.io")]
    public async Task Finds_the_key_that_fits_best(string host, string repository, string keys, string? expected)
    {
        var entries = keys.Split(' ').Select(key => $$"""  "{{key}}": {"auth":"{{Base64(key + ":p")}}"} """);
        Write(DockerConfig, "{\"auths\":{" + string.Join(',', entries) + "}}");
        // A user holds no colon, so the key's part before its first colon tells which one was found; "auth" is split there.
        var credential = await FindAsync(host, repository);
        Assert.Equal(expected, credential is null ? null : $"{credential.User}:{credential.Secret}"[..^2]);
    }

    [Theory]
    [InlineData("""{"auth":"dTpwOnc="}""", "Password u p:w")]
    [InlineData("""{"auth":"dTpwAAA="}""", "Password u p")]
    [InlineData("""{"username":"u","password":"p"}""", "Password u p")]
    [InlineData("""{"auth":"MDAwMDo=","identitytoken":"i"}""", "IdentityToken 0000 i")]
    [InlineData("""{"auth":"MDAwMDo=","identityToken":"i"}""", "IdentityToken 0000 i")]
    [InlineData("""{"username":"<token>","password":"i"}""", "IdentityToken <token> i")]
    [InlineData("""{"registrytoken":"r"}""", "RegistryToken  r")]
    [InlineData("{}", null)]
    [InlineData("""{"auth":""}""", null)]
    [InlineData("\"text\"", null)]
    public async Task Reads_an_entry(string entry, string? expected)
    {
        Write(DockerConfig, "{\"auths\":{\"r.example\":" + entry + "}}");
        var credential = await FindAsync("r.example");
        Assert.Equal(expected, credential is null ? null : $"{credential.Kind} {credential.User} {credential.Secret}");
    }

    [Theory]
    [InlineData("""{"auth":"YWRhOg==","identitytoken":"i"}""", "an identity token of the user 'ada' from ")]
    [InlineData("""{"auth":"MDAwMDAwMDAtMDAwMC0wMDAwLTAwMDAtMDAwMDAwMDAwMDAwOg==","identitytoken":"i"}""", "an identity token from ")]
    [InlineData("""{"username":"<token>","password":"i"}""", "an identity token from ")]
    [InlineData("""{"registrytoken":"r"}""", "a registry token from ")]
    [InlineData("""{"username":"ada","password":"i"}""", "the user 'ada' from ")]
    public async Task Says_whose_entry_it_is(string entry, string expected)
    {
        Write(DockerConfig, "{\"auths\":{\"r.example\":" + entry + "}}");
        Assert.Equal(expected + DockerConfig, (await FindAsync("r.example"))!.ToString());
    }

    [Theory]
    [InlineData("""{"auths":{"r.example":{"auth":"c2VjcmV0"}}}""", "has no colon")]
    [InlineData("""{"auths":{"r.example":{"auth":"%%%"}}}""", "is not base64")]
    [InlineData("""{"auths":{"r.example":{"registrytoken":"a\r\nX: y"}}}""", "the 'registrytoken' of 'r.example' is no token")]
    [InlineData("""{"auths":{"r.example":{"registrytoken":"t\u00f6k"}}}""", "the 'registrytoken' of 'r.example' is no token")]
    [InlineData("""{"auths": secret }""", "is not valid JSON")]
    [InlineData("[]", "is not a JSON object")]
    [InlineData("", "is not valid JSON")]
    [InlineData("""{"credHelpers":{"r.example":"secret\ud800"}}""", "not Unicode")]
    [InlineData("""{"auths":{"\ud800":{},"r.example":{"username":"u","password":"secret"}}}""", "not Unicode")]
    public async Task Says_which_file_is_broken_and_nothing_of_its_content(string content, string expected)
    {
        Write(DockerConfig, content);
        var exception = await Assert.ThrowsAsync<RegistryException>(() => FindAsync("r.example"));
        Assert.Equal(RegistryFailure.Credentials, exception.Failure);
        Assert.Contains(DockerConfig, exception.Message, StringComparison.Ordinal);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", exception.ToString(), StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("c2VjcmV0", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reads_a_file_with_a_byte_order_mark_and_a_name_twice()
    {
        Write(DockerConfig, "\uFEFF{\"x\":1,\"x\":2,\"auths\":{\"r.example\":{\"username\":\"ü\",\"password\":\"ß\"}}}");
        Assert.Equal("Basic " + Base64("ü:ß"), (await FindAsync("r.example"))!.ToBasic()!.ToString());
    }

    [Fact]
    public async Task Files_are_read_in_the_sdks_order()
    {
        _environment.Variables["XDG_RUNTIME_DIR"] = Path.Combine(_home, "run");
        _environment.Variables["DOCKER_CONFIG"] = Path.Combine(_home, "docker");
        _environment.Variables["DOCKER_AUTH_CONFIG"] = Auths("variable");
        string[] files = ["run/containers/auth.json", ".config/containers/auth.json", "docker/config.json"];
        foreach (var file in files)
            Write(Path.Combine(_home, file), Auths(file));

        Assert.Equal("variable", (await FindAsync("r.example"))?.User);
        _environment.Variables["DOCKER_AUTH_CONFIG"] = """{"auths":{}}""";
        foreach (var file in files)
        {
            Assert.Equal(file, (await FindAsync("r.example"))?.User);
            File.Delete(Path.Combine(_home, file));
        }

        var explanation = (await Chain().FindAsync(new RegistryHost("r.example"), "a", RegistryAccess.Pull, default)).Explanation;
        Assert.Equal(
            "No credentials for 'r.example' were found; looked for in: DOTNET_CONTAINER_PULL_REGISTRY_UNAME/_PWORD, DOCKER_AUTH_CONFIG, "
            + string.Join(", ", files.Select(file => Path.Combine(_home, file))) + ".",
            explanation);
    }

    [Fact]
    public async Task Without_XDG_RUNTIME_DIR_podman_logs_in_below_run()
    {
        _environment.RuntimeDirectory = Path.Combine(_home, "run-0");
        Write(Path.Combine(_home, "run-0", "auth.json"), Auths("root"));
        Write(Path.Combine(_home, ".config", "containers", "auth.json"), Auths("home"));
        Assert.Equal("root", (await FindAsync("r.example"))?.User);
        _environment.Variables["XDG_RUNTIME_DIR"] = Path.Combine(_home, "run");
        Assert.Equal("home", (await FindAsync("r.example"))?.User);
    }

    [Fact]
    public void The_place_below_run_is_the_users_or_none()
    {
        var folder = new HostEnvironment().RuntimeDirectory;
        Assert.True(
            folder is null || (folder.StartsWith("/run/containers/", StringComparison.Ordinal) && Directory.Exists(folder)), folder);
    }

    [Fact]
    public async Task REGISTRY_AUTH_FILE_replaces_the_other_files()
    {
        Write(DockerConfig, Auths("docker"));
        _environment.Variables["REGISTRY_AUTH_FILE"] = Path.Combine(_home, "my.json");
        var lookup = await Chain().FindAsync(new RegistryHost("r.example"), "a", RegistryAccess.Pull, default);
        Assert.Null(lookup.Credential);
        Assert.EndsWith(
            Path.Combine(_home, "my.json") + " (named by REGISTRY_AUTH_FILE, but there is no such file).",
            lookup.Explanation,
            StringComparison.Ordinal);
        Write(Path.Combine(_home, "my.json"), Auths("mine"));
        Assert.Equal("mine", (await FindAsync("r.example"))?.User);
    }

    [Fact]
    public async Task A_helper_for_the_registry_goes_before_the_store_and_the_store_before_the_file()
    {
        Write(DockerConfig, """
            {"credHelpers":{"gcr.io":"gcloud"},"credsStore":"desktop",
             "auths":{"https://index.docker.io/v1/":{},"r.example":{"auth":"ZmlsZTpw"},"gcr.io":{"auth":"ZmlsZTpw"}}}
            """);
        _processes.Add("docker-credential-gcloud", 0, """{"ServerURL":"gcr.io","Username":"_dcgcloud_token","Secret":"s1"}""");
        _processes.Programs["docker-credential-desktop"] = (key, _) => Task.FromResult(key == "https://index.docker.io/v1/"
            ? new ProcessOutcome(0, """{"ServerURL":"x","Username":"<token>","Secret":"s2"}""", "")
            : new ProcessOutcome(1, "credentials not found in native keychain\n", ""));

        var gcr = await FindAsync("gcr.io");
        Assert.Equal(("_dcgcloud_token", "s1"), (gcr!.User, gcr.Secret));
        var hub = await FindAsync("docker.io");
        Assert.Equal((CredentialKind.IdentityToken, "s2"), (hub!.Kind, hub.Secret));
        Assert.Equal("file", (await FindAsync("r.example"))!.User);
        Assert.Null(await FindAsync("quay.io"));
        Assert.Equal(
            [
                "docker-credential-gcloud get <<< gcr.io",
                "docker-credential-desktop get <<< https://index.docker.io/v1/",
                "docker-credential-desktop get <<< r.example",
                "docker-credential-desktop get <<< quay.io",
            ],
            _processes.Runs);
    }

    [Fact]
    public async Task A_missing_store_is_no_error_but_a_missing_helper_is()
    {
        Write(DockerConfig, """{"credsStore":"gone","credHelpers":{"gcr.io":"gone"}}""");
        var lookup = await Chain().FindAsync(new RegistryHost("r.example"), "a", RegistryAccess.Pull, default);
        Assert.Null(lookup.Credential);
        Assert.Contains(
            "docker-credential-gone (for 'r.example', but there is no such program)",
            lookup.Explanation,
            StringComparison.Ordinal);
        var exception = await Assert.ThrowsAsync<RegistryException>(() => FindAsync("gcr.io"));
        Assert.Equal(RegistryFailure.Credentials, exception.Failure);
    }

    [Theory]
    [InlineData(
        3, "{\"ServerURL\":\"x\",\"Username\":\"u\",\"Secret\":\"leaked\"}", "oops", "failed for 'r.example' with exit code 3: oops.")]
    [InlineData(3, "secret: leaked", "", "failed for 'r.example' with exit code 3.")]
    [InlineData(
        1,
        "error getting credentials - err: no session\u001b[0m",
        "",
        "failed for 'r.example' with exit code 1: error getting credentials - err: no session[0m.")]
    [InlineData(3, "", "boom", "with exit code 3: boom.")]
    [InlineData(0, "secret!", "", "answered with something else than the JSON that it should.")]
    [InlineData(0, """{"Username":"u"}""", "", "answered with something else than the JSON that it should.")]
    public async Task A_helper_that_fails_is_an_error(int exitCode, string output, string error, string expected)
    {
        Write(DockerConfig, """{"credsStore":"x"}""");
        _processes.Add("docker-credential-x", exitCode, output, error);
        var exception = await Assert.ThrowsAsync<RegistryException>(() => FindAsync("r.example"));
        Assert.EndsWith(expected, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret!", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_does_not_answer_is_ended_after_30_seconds()
    {
        Write(DockerConfig, """{"credsStore":"slow"}""");
        _processes.Programs["docker-credential-slow"] = async (_, token) =>
        {
            _clock.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException();
        };
        using var chain = Chain();
        // Once is enough.
        for (var i = 0; i < 2; i++)
        {
            var exception = await Assert.ThrowsAsync<RegistryException>(
                () => chain.FindAsync(new RegistryHost("r.example"), "a", RegistryAccess.Pull, default));
            Assert.Contains("did not end within 30 s", exception.Message, StringComparison.Ordinal);
        }

        Assert.Single(_processes.Runs);
    }

    [Theory]
    [InlineData("../evil")]
    [InlineData("a\\\\b")]
    public async Task A_helper_is_a_name_and_no_path(string helper)
    {
        Write(DockerConfig, $$"""{"credsStore":"{{helper}}"}""");
        var exception = await Assert.ThrowsAsync<RegistryException>(() => FindAsync("r.example"));
        Assert.Contains("which is not a program's name", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_processes.Runs);
    }

    [Fact]
    public async Task Sources_are_asked_once_for_a_repository()
    {
        Write(DockerConfig, """{"credsStore":"x"}""");
        _processes.Add("docker-credential-x", 0, """{"Username":"u","Secret":"s"}""");
        using var chain = Chain();
        for (var i = 0; i < 3; i++)
            Assert.NotNull((await chain.FindAsync(new RegistryHost("r.example"), "a", RegistryAccess.Pull, default)).Credential);
        Assert.NotNull((await chain.FindAsync(new RegistryHost("r.example"), "b", RegistryAccess.Push, default)).Credential);
        Assert.Single(_processes.Runs);
    }

    [Fact]
    public void A_credential_does_not_show_its_secret()
    {
        foreach (var kind in Enum.GetValues<CredentialKind>())
            Assert.DoesNotContain("s3cret", $"{new Credential(kind, "u", "s3cret", "a file")}", StringComparison.Ordinal);
    }

    private static string Auths(string user) => $$"""{"auths":{"r.example":{"username":"{{user}}","password":"p"} } }""";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private CredentialChain Chain() => new(
        [new EnvironmentCredentials(_environment), new AuthFileCredentials(_environment, new CredentialHelper(_processes, _clock))]);

    private async Task<Credential?> FindAsync(string host, string repository = "a", RegistryAccess access = RegistryAccess.Pull)
    {
        using var chain = Chain();
        return (await chain.FindAsync(new RegistryHost(host), repository, access, default)).Credential;
    }
}

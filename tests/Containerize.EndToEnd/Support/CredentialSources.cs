using Containerize.Testing;

namespace Containerize.EndToEnd.Support;

/// <summary>The places that credentials are taken from, each with the way in which a user fills it.</summary>
internal static class CredentialSources
{
    /// <summary>
    /// A helper with a file beside it for a keychain. What is stored is what is given out (docker-credential-helpers, "Usage").
    /// </summary>
    public const string Helper = """
        #!/bin/sh
        keychain="$(dirname "$0")/keychain.json"
        case "$1" in
          store) cat >"$keychain" ;;
          get)
            read -r server
            grep -qs "\"$server\"" "$keychain" || { echo 'credentials not found in native keychain'; exit 1; }
            cat "$keychain"
            ;;
        esac

        """;

    private static readonly Dictionary<string, Filler> Fillers = new()
    {
        ["a login of the project, variable"] = (home, host, login) =>
        {
            home.WriteItems($"""<ContainerRegistryLogin Include="{host}" User="{login.User}" PasswordVariable="REGISTRY_TOKEN" />""");
            home.Environment["REGISTRY_TOKEN"] = login.Password;
            return Task.FromResult($"REGISTRY_TOKEN (ContainerRegistryLogin '{host}')");
        },
        ["a login of the project, file"] = (home, host, login) =>
        {
            var file = home.Write("secrets/registry", login.Password + "\n");
            home.WriteItems($"""<ContainerRegistryLogin Include="{host}" User="{login.User}" PasswordFile="{file}" />""");
            return Task.FromResult($"the file '{file}' (ContainerRegistryLogin '{host}')");
        },
        ["a login of the project, user by variable"] = (home, host, login) =>
        {
            home.WriteItems($"""<ContainerRegistryLogin Include="{host}/team" UserVariable="REGISTRY_USER" PasswordVariable="REGISTRY_TOKEN" />""");
            home.Environment["REGISTRY_USER"] = login.User;
            home.Environment["REGISTRY_TOKEN"] = login.Password;
            return Task.FromResult($"REGISTRY_TOKEN (ContainerRegistryLogin '{host}/team')");
        },
        ["the variables for pulling and pushing"] = (home, _, login) =>
        {
            Pair(home, "DOTNET_CONTAINER_PUSH_REGISTRY", login);
            return Task.FromResult(Pair(home, "DOTNET_CONTAINER_PULL_REGISTRY", login));
        },
        ["the variables for all registries"] = (home, _, login) => Task.FromResult(Pair(home, "DOTNET_CONTAINER_REGISTRY", login)),
        ["the variables by their old name"] = (home, _, login) => Task.FromResult(Pair(home, "SDK_CONTAINER_REGISTRY", login)),
        ["DOCKER_AUTH_CONFIG"] = (home, host, login) =>
        {
            home.Environment["DOCKER_AUTH_CONFIG"] = Auths(host, $"\"auth\": \"{login.Basic}\"");
            return Task.FromResult("DOCKER_AUTH_CONFIG");
        },
        ["REGISTRY_AUTH_FILE"] = async (home, host, login) =>
            home.Environment["REGISTRY_AUTH_FILE"] = await SkopeoAsync(home, host, login, home.PathOf("my.json")),
        ["$DOCKER_CONFIG"] = async (home, host, login) =>
        {
            home.Environment["DOCKER_CONFIG"] = home.PathOf("docker");
            return await DockerAsync(home, host, login);
        },
        ["~/.docker"] = async (home, host, login) =>
        {
            home.Environment["DOCKER_CONFIG"] = home.PathOf(".docker");
            var file = await DockerAsync(home, host, login);
            home.Environment["DOCKER_CONFIG"] = null;
            return file;
        },
        ["$XDG_RUNTIME_DIR"] = (home, host, login) => SkopeoAsync(home, host, login, home.PathOf("run/containers/auth.json")),
        ["~/.config"] = (home, host, login) => SkopeoAsync(home, host, login, home.PathOf(".config/containers/auth.json")),
        ["a key with a namespace"] = async (home, host, login) =>
        {
            var file = await SkopeoAsync(home, host + "/team", login, home.PathOf("run/containers/auth.json"));
            var keys = await File.ReadAllTextAsync(file);
            // The one that must not be taken stands first.
            await File.WriteAllTextAsync(
                file,
                keys.Replace(
                    $"\"{host}/team\"",
                    $"\"{host}\": {{\"auth\": \"{new Login("nobody", "x").Basic}\"}}, \"{host}/team\"",
                    StringComparison.Ordinal));
            return file;
        },
        ["a helper for the registry"] = async (home, host, login) =>
        {
            var file = Prepare(home, $$"""{ "credHelpers": { "{{host}}": "test" } }""");
            await DockerAsync(home, host, login);
            return $"docker-credential-test (named in {file})";
        },
        ["a helper for all registries"] = async (home, host, login) =>
        {
            var file = Prepare(home, """{ "credsStore": "test" }""");
            await DockerAsync(home, host, login);
            return $"docker-credential-test (named in {file})";
        },
    };

    private static readonly Dictionary<string, Filler> TokenFillers = new()
    {
        // A token server that offers it gives docker login something else to keep than the password.
        ["an identity token"] = async (home, host, login) =>
        {
            home.Environment["DOCKER_CONFIG"] = home.PathOf("docker");
            return await DockerAsync(home, host, login);
        },
        ["a registry token"] = (home, host, login) =>
            Task.FromResult(home.Write(".docker/config.json", Auths(host, $"\"registrytoken\": \"{login.Token}\""))),
    };

    private delegate Task<string> Filler(Home home, string host, Login login);

    /// <summary>All of them for user and password.</summary>
    public static IEnumerable<string> Names => Fillers.Keys;

    /// <summary>Those for tokens, which a registry must have a token server for.</summary>
    public static IEnumerable<string> TokenNames => TokenFillers.Keys;

    /// <summary>Fills one.</summary>
    /// <returns>What messages call it.</returns>
    public static Task<string> FillAsync(string name, Home home, string host, Login login) =>
        (Fillers.GetValueOrDefault(name) ?? TokenFillers[name])(home, host, login);

    /// <summary>A file of Docker's and podman's with one entry.</summary>
    public static string Auths(string host, string entry) => $$"""{ "auths": { "{{host}}": { {{entry}} } } }""";

    private static string Pair(Home home, string prefix, Login login)
    {
        home.Environment[prefix + "_UNAME"] = login.User;
        home.Environment[prefix + "_PWORD"] = login.Password;
        return $"{prefix}_UNAME and {prefix}_PWORD";
    }

    private static string Prepare(Home home, string config)
    {
        home.WriteProgram("docker-credential-test", Helper);
        home.Environment["DOCKER_CONFIG"] = home.PathOf("docker");
        return home.Write("docker/config.json", config);
    }

    private static async Task<string> DockerAsync(Home home, string host, Login login)
    {
        await home.RunAsync(Testbed.Get(Server.Docker), login.Password, "login", "--username", login.User, "--password-stdin", host);
        return Path.Combine(home.Environment["DOCKER_CONFIG"]!, "config.json");
    }

    private static async Task<string> SkopeoAsync(Home home, string host, Login login, string file)
    {
        // Where nothing else is said, it is $XDG_RUNTIME_DIR that it writes to.
        string[] where = file == home.PathOf("run/containers/auth.json") ? [] : ["--authfile", file];
        await home.RunAsync(
            Testbed.Get(Server.Skopeo),
            login.Password,
            ["login", "--tls-verify=false", .. where, "--username", login.User, "--password-stdin", host]);
        return file;
    }
}

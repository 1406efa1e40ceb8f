using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>
/// Credentials that are half there, broken or gone: each has a sentence that says which ones, and what is wrong with them.
/// </summary>
[Collection(PrivateRegistriesDefinition.Name)]
public sealed class CredentialFailureTests(LazyPrivateRegistries lazy)
{
    private const string Variables = "_UNAME/_PWORD, DOTNET_CONTAINER_REGISTRY_UNAME/_PWORD, SDK_CONTAINER_REGISTRY_UNAME/_PWORD";
    private const string Files = "HOME/run/containers/auth.json, HOME/.config/containers/auth.json, HOME/.docker/config.json";

    // What is broken, and the sentence of it. HOST and HOME stand for the registry and the user's home.
    private static readonly Dictionary<string, (Action<Home, string> Break, string Sentence)> Breakages = new()
    {
        ["the variable of the password is not set"] = (
            (home, host) => home.WriteItems($"""<ContainerRegistryLogin Include="{host}" User="ada" PasswordVariable="REGISTRY_TOKEN" />"""),
            "The ContainerRegistryLogin 'HOST' takes what the environment variable REGISTRY_TOKEN holds, but it is not set or empty."),
        ["the variable of the user is empty"] = (
            (home, host) =>
            {
                home.WriteItems($"""<ContainerRegistryLogin Include="{host}" UserVariable="REGISTRY_USER" PasswordVariable="REGISTRY_TOKEN" />""");
                home.Environment["REGISTRY_USER"] = "";
                home.Environment["REGISTRY_TOKEN"] = PrivateRegistries.Ada.Password;
            },
            "The ContainerRegistryLogin 'HOST' takes what the environment variable REGISTRY_USER holds, but it is not set or empty."),
        ["the file of the password is not there"] = (
            (home, host) => home.WriteItems($"""<ContainerRegistryLogin Include="{host}" User="ada" PasswordFile="{home.PathOf("secret")}" />"""),
            "The ContainerRegistryLogin 'HOST' takes what is in the file 'HOME/secret', which does not exist."),
        ["the file of the password is empty"] = (
            (home, host) => home.WriteItems($"""<ContainerRegistryLogin Include="{host}" User="ada" PasswordFile="{home.Write("secret", "\n")}" />"""),
            "The ContainerRegistryLogin 'HOST' takes what is in the file 'HOME/secret', which is empty."),
        ["half a pair of variables"] = (
            (home, _) => home.Environment["DOTNET_CONTAINER_REGISTRY_UNAME"] = "ada",
            "Of the credentials for 'HOST', DOTNET_CONTAINER_REGISTRY_UNAME is set, but DOTNET_CONTAINER_REGISTRY_PWORD is not set "
                + "or empty. Both are needed, or neither."),
        ["a path in DOCKER_AUTH_CONFIG"] = (
            (home, _) => home.Environment["DOCKER_AUTH_CONFIG"] = home.Write("my.json", "{}"),
            "The credentials for the registry 'HOST' cannot be read from DOCKER_AUTH_CONFIG: it is not valid JSON (line 1)."),
        ["a broken file"] = (
            (home, _) => home.Write(".docker/config.json", "{\n  \"auths\": {\n"),
            "The credentials for the registry 'HOST' cannot be read from HOME/.docker/config.json: it is not valid JSON (line 3)."),
        ["auth that is not base64"] = (
            (home, host) => home.Write(".docker/config.json", CredentialSources.Auths(host, "\"auth\": \"ada:secret\"")),
            "The credentials for the registry 'HOST' cannot be read from HOME/.docker/config.json: the 'auth' of 'HOST' is not base64."),
        ["auth without a colon"] = (
            (home, host) => home.Write(".config/containers/auth.json", CredentialSources.Auths(host, "\"auth\": \"c2VjcmV0\"")),
            "The credentials for the registry 'HOST' cannot be read from HOME/.config/containers/auth.json: "
                + "the 'auth' of 'HOST' has no colon."),
        ["a helper that is not there"] = (
            (home, host) => home.Write("run/containers/auth.json", $$"""{ "credHelpers": { "{{host}}": "gone" } }"""),
            "HOME/run/containers/auth.json names the credential helper 'docker-credential-gone' for the registry 'HOST', but no such "
                + "program is in PATH."),
        ["a helper that fails"] = (
            (home, host) =>
            {
                home.WriteProgram("docker-credential-locked", "#!/bin/sh\necho 'the keychain is locked'\nexit 3\n");
                home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{host}}": "locked" } }""");
            },
            "The credential helper 'docker-credential-locked' failed for 'HOST' with exit code 3: the keychain is locked."),
        ["a helper for all registries that fails"] = (
            (home, _) =>
            {
                home.WriteProgram("docker-credential-locked", "#!/bin/sh\necho 'no session' >&2\nexit 1\n");
                home.Write(".docker/config.json", """{ "credsStore": "locked" }""");
            },
            "The credential helper 'docker-credential-locked' failed for 'HOST' with exit code 1: no session."),
        ["a helper that says something else"] = (
            (home, host) =>
            {
                home.WriteProgram("docker-credential-chatty", "#!/bin/sh\necho 'password: c2VjcmV0'\n");
                home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{host}}": "chatty" } }""");
            },
            "The credential helper 'docker-credential-chatty' answered with something else than the JSON that it should."),
    };

    // Where there may be no credentials on purpose, the registry is asked without, and its refusal says what was looked for.
    private static readonly Dictionary<string, (Action<Home, string> Break, string Looked)> Absences = new()
    {
        ["nothing at all"] = ((_, _) => { }, $"VARIABLES, {Files}"),
        ["logins for others"] = (
            (home, host) =>
            {
                home.WriteItems("""<ContainerRegistryLogin Include="other.example" User="ada" PasswordVariable="OTHER_TOKEN" />""");
                home.Environment["DOCKER_AUTH_CONFIG"] = CredentialSources.Auths("other.example", "\"auth\": \"YTpi\"");
                home.Environment["DOCKER_CONFIG"] = home.PathOf("docker");
                home.Write("docker/config.json", CredentialSources.Auths(host + "/other", "\"auth\": \"YTpi\""));
            },
            "ContainerRegistryLogin, VARIABLES, DOCKER_AUTH_CONFIG, HOME/run/containers/auth.json, "
                + "HOME/.config/containers/auth.json, HOME/docker/config.json"),
        ["REGISTRY_AUTH_FILE without its file"] = (
            (home, _) => home.Environment["REGISTRY_AUTH_FILE"] = home.PathOf("my.json"),
            "VARIABLES, HOME/my.json (named by REGISTRY_AUTH_FILE, but there is no such file)"),
        ["a helper for all registries that is not there"] = (
            (home, _) => home.Write(".docker/config.json", """{ "credsStore": "desktop" }"""),
            $"VARIABLES, {Files}, docker-credential-desktop (for 'HOST', but there is no such program)"),
        ["a helper that knows nothing of the registry"] = (
            (home, host) =>
            {
                home.WriteProgram("docker-credential-test", CredentialSources.Helper);
                home.Write(".docker/config.json", $$"""{ "credHelpers": { "{{host}}": "test" } }""");
            },
            $"VARIABLES, {Files}, docker-credential-test (for 'HOST')"),
    };

    public static TheoryData<string> Broken => [.. Breakages.Keys];

    public static TheoryData<string> Absent => [.. Absences.Keys];

    [RequiresTheory(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    [MemberData(nameof(Broken))]
    public async Task What_cannot_be_read_is_an_error_of_its_own(string what)
    {
        var registries = await lazy.GetAsync();
        var home = new Home(registries.Workspace);
        var (host, image) = (registries.Basic, $"{registries.Basic}/{PrivateRegistries.PrivateBase}");
        var (spoil, sentence) = Breakages[what];
        spoil(home, host);

        var result = (await home.TryPublishAsync(["-v:detailed", .. Workspace.To(host, "team/app", image)])).EnsureFailure();

        Assert.Contains(
            $"error CTZ4004: The base image '{image}' could not be read. {Filled(sentence, home, host)} Fix the credentials, or "
                + "remove them if the image is public.",
            result.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", result.Output, StringComparison.Ordinal);
    }

    [RequiresTheory(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    [MemberData(nameof(Absent))]
    public async Task Where_none_are_found_it_is_said_where_they_were_looked_for(string what)
    {
        var registries = await lazy.GetAsync();
        var home = new Home(registries.Workspace);
        var (host, image) = (registries.Basic, $"{registries.Basic}/{PrivateRegistries.PrivateBase}");
        var (spoil, looked) = Absences[what];
        spoil(home, host);

        var result = (await home.TryPublishAsync(Workspace.To(host, "team/app", image))).EnsureFailure();

        Assert.Contains(
            $"error CTZ2003: The base image '{image}' could not be read. The registry '{host}' was asked for the manifest ",
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            $" No credentials for '{host}' were found; looked for in: "
                + $"{Filled(looked, home, host).Replace("VARIABLES", "DOTNET_CONTAINER_PULL_REGISTRY" + Variables, StringComparison.Ordinal)}. "
            + $"Log in with 'docker login {host}' or 'podman login {host}', and check the image's name: "
            + "registries also say so of images that do not exist.",
            result.Output,
            StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task Where_a_push_finds_none_it_is_said_where_they_were_looked_for()
    {
        var registries = await lazy.GetAsync();
        var (host, home) = (registries.Basic, new Home(registries.Workspace));

        var result = (await home.TryPublishAsync(Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime)))).EnsureFailure();

        Assert.Contains(
            $"error CTZ4002: The image could not be pushed to '{host}/team/app:latest'. The registry '{host}' was asked for ",
            result.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            $" No credentials for '{host}' were found; looked for in: DOTNET_CONTAINER_PUSH_REGISTRY{Variables}, "
                + $"{Filled(Files, home, host)}. "
            + $"Log in with 'docker login {host}' or 'podman login {host}' as a user who may push there, and check ContainerRegistry "
            + "and ContainerRepository.",
            result.Output,
            StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task A_push_that_is_refused_says_with_which_login()
    {
        var registries = await lazy.GetAsync();
        var (host, home) = (registries.Basic, new Home(registries.Workspace) { HasProcesses = true });
        home.Environment["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = "ada";
        home.Environment["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = "falsch";

        var result = (await home.TryPublishAsync(["-v:detailed", .. Workspace.To(host, "team/app", Testbed.Get(Server.BaseRuntime))]))
            .EnsureFailure();

        Assert.Contains(
            $"error CTZ4002: The image could not be pushed to '{host}/team/app:latest'. The registry '{host}' was asked for ",
            result.Output,
            StringComparison.Ordinal);
        // The answer to a HEAD has no words of its own; which of the requests is refused first is not settled.
        Assert.Matches(@" and answered 401 \(Unauthorized\)(: UNAUTHORIZED: authentication required)?\. Used: ", result.Output);
        Assert.Contains(
            " Used: the user 'ada' from DOTNET_CONTAINER_PUSH_REGISTRY_UNAME and DOTNET_CONTAINER_PUSH_REGISTRY_PWORD. "
            + $"Renew the login there (in a file of Docker's or podman's: 'docker login {host}' or 'podman login {host}') as a user "
            + "who may push there, and check ContainerRegistry and ContainerRepository.",
            result.Output,
            StringComparison.Ordinal);
        Assert.DoesNotContain("falsch", result.Output, StringComparison.Ordinal);
    }

    private static string Filled(string sentence, Home home, string host) =>
        sentence.Replace("HOST", host, StringComparison.Ordinal).Replace("HOME", home.PathOf(""), StringComparison.Ordinal);
}

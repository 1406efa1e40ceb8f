using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Each place that credentials may lie in, filled as users fill it, with nothing in any of the others.</summary>
[Collection(PrivateRegistriesDefinition.Name)]
public sealed class CredentialSourceTests(LazyPrivateRegistries lazy)
{
    // One of each that writes credentials, and one of those that a variable names: what a process of its own finds of them. The others
    // differ in what is read, which is the same in this process.
    private static readonly string[] WithProcesses = ["$DOCKER_CONFIG", "$XDG_RUNTIME_DIR", "a helper for the registry", "the "
        + "variables for all registries"];

    public static TheoryData<string> Sources => [.. CredentialSources.Names, .. CredentialSources.TokenNames];

    [RequiresTheory(Server.Registry, Server.BaseRuntime, Server.Skopeo, Server.Docker)]
    [MemberData(nameof(Sources))]
    public async Task A_private_base_is_pulled_and_an_image_pushed_with(string source)
    {
        var registries = await lazy.GetAsync();
        var (home, host, repository, login) = Prepare(registries, source);
        await CredentialSources.FillAsync(source, home, host, login);

        var published = await home.PublishAsync(
            [Verbosity(source), .. Workspace.To(host, repository, $"{host}/{PrivateRegistries.PrivateBase}")]);

        // In a log of the diagnostic kind, each line ends with its task.
        Assert.StartsWith($"HelloConsole -> {host}/{repository}:latest@{published.Digest}", published.ResultLine, StringComparison.Ordinal);
        Assert.Equal(published.Digest, await registries.DigestAsync($"{host}/{repository}:latest"));
        AssertNoSecret(registries, login, published.Output);
    }

    [RequiresTheory(Server.Registry, Server.BaseRuntime, Server.Skopeo, Server.Docker)]
    [MemberData(nameof(Sources))]
    public async Task A_password_that_is_no_longer_right_is_told_with(string source)
    {
        var registries = await lazy.GetAsync();
        var (home, host, repository, login) = Prepare(registries, source);
        var name = await CredentialSources.FillAsync(source, home, host, login);
        foreach (var (right, wrong) in login.Secrets.Zip(login.Outdated.Secrets))
            home.Replace(right, wrong);

        var result = (
            await home.TryPublishAsync(
                [Verbosity(source), .. Workspace.To(host, repository, $"{host}/{PrivateRegistries.PrivateBase}")])).EnsureFailure();

        Assert.Contains(
            $"error CTZ2003: The base image '{host}/{PrivateRegistries.PrivateBase}' could not be read. "
                + $"The registry '{host}' was asked for ",
            result.Output,
            StringComparison.Ordinal);
        var who = source switch
        {
            "a registry token" => source,
            "an identity token" => $"{source} of the user 'ada'",
            _ => "the user 'ada'",
        };
        Assert.Contains(" and answered 401 (Unauthorized): UNAUTHORIZED: ", result.Output, StringComparison.Ordinal);
        Assert.Contains(
            $". Used: {who} from {name}. Renew the login there (in a file of Docker's or podman's: "
                + $"'docker login {host}' or 'podman login {host}'), and check the image's name",
            result.Output,
            StringComparison.Ordinal);
        AssertNoSecret(registries, login.Outdated, result.Output);
    }

    // MSBuild itself shows variables that begin with DOTNET_ in a diagnostic log. The docs say so.
    private static string Verbosity(string source) =>
        source is "the variables for pulling and pushing" or "the variables for all registries" ? "-v:detailed" : "-v:diagnostic";

    private static (Home Home, string Host, string Repository, Login Login) Prepare(PrivateRegistries registries, string source)
    {
        var repository = "team/" + Guid.NewGuid().ToString("N")[..8];
        var home = new Home(registries.Workspace) { HasProcesses = WithProcesses.Contains(source) };
        if (!CredentialSources.TokenNames.Contains(source))
            return (home, registries.Basic, repository, PrivateRegistries.Ada with { Identity = "" });
        var token = registries.Tokens.Tokens.Issue("ada", "repository:team/runtime:pull", $"repository:{repository}:pull,push");
        return (home, registries.Tokens.Host, repository, PrivateRegistries.Ada with { Token = token });
    }

    private static void AssertNoSecret(PrivateRegistries registries, Login login, string output)
    {
        foreach (var secret in login.Secrets.Concat(registries.Tokens.Tokens.Issued))
            Assert.DoesNotContain(secret, output, StringComparison.Ordinal);
    }
}

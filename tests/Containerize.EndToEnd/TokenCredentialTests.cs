using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Registries.Auth;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>
/// docker-registry behind a token server, whose tokens it checks: what the server is asked, by whom, and what comes of it.
/// </summary>
[Collection(PrivateRegistriesDefinition.Name)]
public sealed class TokenCredentialTests(LazyPrivateRegistries lazy) : IAsyncLifetime
{
    private PrivateRegistries _registries = null!;
    private Home _home = null!;

    private TokenRegistry Registry => _registries.Tokens;

    private string PrivateBase => $"{Registry.Host}/{PrivateRegistries.PrivateBase}";

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        if (_registries is not null)
            Registry.Tokens.IsExpired = _ => false; // They are shared with other tests.
        return Task.CompletedTask;
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task A_public_base_is_read_by_nobody_in_particular()
    {
        await PrepareAsync();

        var to = Testbed.Get(Server.Registry);
        var repository = Workspace.UniqueName("anonymous");
        var published = await _home.PublishAsync(Workspace.To(to, repository, $"{Registry.Host}/{PrivateRegistries.PublicBase}"));

        Assert.Equal(published.Digest, (await RemoteImage.GetAsync(to, repository, "latest")).Digest);
        // One token for the manifest, the config and the layers, and nobody's name anywhere.
        Assert.Equal(["GET 200 repository:public/runtime:pull by nobody"], Asked());
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo, Server.Podman)]
    public async Task A_private_base_is_read_and_mounted_and_the_image_is_pulled_by_others()
    {
        await PrepareAsync(hasProcesses: true);
        var (ada, image) = (PrivateRegistries.Ada, $"{Registry.Host}/apps/mounted:latest");
        Use("PULL", ada);
        Use("PUSH", ada);

        var published = await _home.PublishAsync(["-v:detailed", .. Workspace.To(Registry.Host, "apps/mounted", PrivateBase)]);

        AssertAsked(
            "GET 200 repository:team/runtime:pull by ada",
            "GET 200 repository:apps/mounted:pull,push by ada",
            // The destination first: some servers look at the first scope alone.
            "GET 200 repository:apps/mounted:pull,push repository:team/runtime:pull by ada");
        var layers = (await RemoteImage.GetAsync(Testbed.Get(Server.BaseRuntime))).Layers;
        Assert.All(layers, layer => Assert.Contains(
            $"POST http://{Registry.Host}/v2/apps/mounted/blobs/uploads/?mount={Uri.EscapeDataString(layer)}&from=team%2Fruntime: 201",
            published.Output,
            StringComparison.Ordinal));

        Assert.Equal(published.Digest, await _registries.DigestAsync(image));
        await _registries.SkopeoAsync(
            "copy",
            "--src-tls-verify=false",
            "--src-creds",
            $"{ada.User}:{ada.Password}",
            $"docker://{image}",
            $"dir:{_home.PathOf("pulled")}");
        var podman = Engine.Podman;
        (await podman.RunAsync("pull", "--tls-verify=false", "--creds", $"{ada.User}:{ada.Password}", image)).EnsureSuccess();
        var said = (await podman.RunAsync("run", "--rm", "--network=none", image, "Ada")).EnsureSuccess();
        await podman.RunAsync("rmi", "-f", image);
        Assert.Contains("Ada", said.StandardOutput, StringComparison.Ordinal);
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task What_may_not_be_mounted_is_uploaded()
    {
        await PrepareAsync();
        Use("PULL", PrivateRegistries.Reader);
        Use("PUSH", PrivateRegistries.Pusher);

        var published = await _home.PublishAsync(["-v:detailed", .. Workspace.To(Registry.Host, "apps/uploaded", PrivateBase)]);

        Assert.DoesNotContain("from=team%2Fruntime: 201", published.Output, StringComparison.Ordinal);
        // The server leaves out what it does not grant, and would leave it out of any other token as well.
        AssertAsked(
            "GET 200 repository:team/runtime:pull by reader",
            "GET 200 repository:apps/uploaded:pull,push by pusher",
            "GET 200 repository:apps/uploaded:pull,push repository:team/runtime:pull by pusher");
        Assert.Equal(published.Digest, await _registries.DigestAsync($"{Registry.Host}/apps/uploaded:latest"));
    }

    // The first one is replaced by one of its own, or by the one for mounting where another request has fetched that in the meantime.
    [RequiresTheory(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    [InlineData("the first of the push", "repository:apps/expired-1:pull,push", 2, 3)]
    [InlineData("the one for mounting", "repository:apps/expired-2:pull,push repository:team/runtime:pull", 3, 3)]
    public async Task A_token_that_has_expired_is_replaced_once(string which, string scopes, int least, int most)
    {
        await PrepareAsync();
        Use("PULL", PrivateRegistries.Ada);
        Use("PUSH", PrivateRegistries.Ada);
        var expired = 0;
        Registry.Tokens.IsExpired = granted => string.Join(' ', granted) == scopes && Interlocked.Exchange(ref expired, 1) == 0;

        var repository = scopes.Split(':')[1];
        var published = await _home.PublishAsync(["-v:detailed", .. Workspace.To(Registry.Host, repository, PrivateBase)]);

        Assert.True(expired == 1, $"No token has expired: {which}.");
        Assert.InRange(
            Asked().Count(request => request.StartsWith($"GET 200 repository:{repository}:pull,push", StringComparison.Ordinal)),
            least,
            most);
        Assert.Equal(published.Digest, await _registries.DigestAsync($"{Registry.Host}/{repository}:latest"));
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task Tokens_that_are_good_for_a_second_are_fetched_as_often_as_it_takes()
    {
        await PrepareAsync();
        await using var registry = await TokenRegistry.StartAsync(
            _home.PathOf("registry"), PrivateRegistries.Policy with { Lifetime = TimeSpan.FromSeconds(1) });
        Use("PUSH", PrivateRegistries.Ada);

        await _home.PublishAsync(Workspace.To(registry.Host, "apps/short", Testbed.Get(Server.BaseRuntime)));

        Assert.All(registry.Tokens.Requests, request => Assert.Equal(("ada", 200), (request.User, request.Status)));
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo, Server.Docker)]
    public async Task An_identity_token_is_traded_by_POST()
    {
        await PrepareAsync();
        await CredentialSources.FillAsync("an identity token", _home, Registry.Host, PrivateRegistries.Ada);
        Registry.Tokens.ClearRequests();

        await _home.PublishAsync(Workspace.To(Registry.Host, "apps/identity", PrivateBase));

        AssertAsked(
            "POST 200 repository:team/runtime:pull by ada",
            "POST 200 repository:apps/identity:pull,push by ada",
            "POST 200 repository:apps/identity:pull,push repository:team/runtime:pull by ada");
        Assert.All(
            Registry.Tokens.Requests, request => Assert.Equal(("refresh_token", "containerize"), (request.GrantType, request.ClientId)));
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task A_password_goes_by_POST_to_a_server_that_does_not_know_GET()
    {
        await PrepareAsync();
        await using var registry = await TokenRegistry.StartAsync(_home.PathOf("registry"), PrivateRegistries.Policy with { Get = false });
        Use("PUSH", PrivateRegistries.Ada);

        await _home.PublishAsync(Workspace.To(registry.Host, "apps/posted", Testbed.Get(Server.BaseRuntime)));

        Assert.Equal(["repository:apps/posted:pull,push"], registry.Tokens.Requests.Select(request => string.Join(' ', request.Scopes)));
        Assert.All(
            registry.Tokens.Requests,
            request => Assert.Equal(("POST", "password", "ada", 200), (request.Method, request.GrantType, request.User, request.Status)));
    }

    [RequiresFact(Server.Registry, Server.BaseRuntime, Server.Skopeo)]
    public async Task A_wrong_password_is_told_from_a_right_that_is_missing()
    {
        await PrepareAsync();
        Use("PULL", PrivateRegistries.Reader);
        Use("PUSH", PrivateRegistries.Reader.Outdated);
        var to = Workspace.To(Registry.Host, "apps/denied", PrivateBase);
        var wrong = (await _home.TryPublishAsync(to)).EnsureFailure();
        Use("PUSH", PrivateRegistries.Reader);
        var missing = (await _home.TryPublishAsync(to)).EnsureFailure();

        const string Pushed = "error CTZ4002: The image could not be pushed to 'HOST/apps/denied:latest'. "
            + "The registry 'HOST' was asked for ";
        const string Used = " Used: the user 'reader' from DOTNET_CONTAINER_PUSH_REGISTRY_UNAME and DOTNET_CONTAINER_PUSH_REGISTRY_PWORD.";
        foreach (var result in new[] { wrong, missing })
            Assert.Contains(Pushed.Replace("HOST", Registry.Host, StringComparison.Ordinal), result.Output, StringComparison.Ordinal);
        Assert.Contains(
            $" and answered 401 (Unauthorized): UNAUTHORIZED: No token for this request.{Used} Renew the login there ",
            wrong.Output,
            StringComparison.Ordinal);
        Assert.Contains(
            $" and answered 401 (Unauthorized): UNAUTHORIZED: authentication required.{Used} The login was accepted, but does not "
                + "allow this. ",
            missing.Output,
            StringComparison.Ordinal);
    }

    private async Task PrepareAsync(bool hasProcesses = false)
    {
        _registries = await lazy.GetAsync();
        _home = new Home(_registries.Workspace) { HasProcesses = hasProcesses };
        Registry.Tokens.ClearRequests();
    }

    private void Use(string access, Login login)
    {
        _home.Environment[$"DOTNET_CONTAINER_{access}_REGISTRY_UNAME"] = login.User;
        _home.Environment[$"DOTNET_CONTAINER_{access}_REGISTRY_PWORD"] = login.Password;
    }

    // The base's registry and the destination are asked at the same time.
    private void AssertAsked(params string[] expected) =>
        Assert.Equal(expected.Order(StringComparer.Ordinal), Asked().Order(StringComparer.Ordinal));

    private IReadOnlyList<string> Asked() =>
        [.. Registry.Tokens.Requests.Select(
            request => $"{request.Method} {request.Status} {string.Join(' ', request.Scopes)} by {request.User ?? "nobody"}")];
}

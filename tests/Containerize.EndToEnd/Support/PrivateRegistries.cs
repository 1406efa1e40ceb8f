using Containerize.Testing;
using Containerize.Testing.Registries.Auth;

namespace Containerize.EndToEnd.Support;

/// <summary>
/// Two registries that want a login, one by htpasswd and one by a token server, with the base in both; and a workspace whose HelloConsole
/// is built. They take a while to make, so tests share them.
/// </summary>
public sealed class PrivateRegistries : IAsyncDisposable
{
    /// <summary>The base that only users may read.</summary>
    public const string PrivateBase = "team/runtime:10.0";

    /// <summary>The base that everybody may read, at the one with a token server.</summary>
    public const string PublicBase = "public/runtime:10.0";

    // htpasswd -niB -C 4 ada, with the password below.
    private const string Htpasswd = "ada:$2y$04$8YwroR5W0OEtyu56SLNCDe9mlsSIqdErN3KuX4ww3KrVN9HEsPjMi\n";

    private readonly OwnRegistry _basic;

    private PrivateRegistries(Workspace workspace, OwnRegistry basic, TokenRegistry tokens)
    {
        Workspace = workspace;
        _basic = basic;
        Tokens = tokens;
    }

    /// <summary>May do everything.</summary>
    public static Login Ada { get; } = new("ada", "geheim-Pässwörd:7%") { Identity = "identity-of-ada" };

    /// <summary>May read everything, at the one with a token server.</summary>
    public static Login Reader { get; } = new("reader", "lesen");

    /// <summary>May push to <c>apps</c>, and read there, at the one with a token server.</summary>
    public static Login Pusher { get; } = new("pusher", "schreiben");

    /// <summary>Who may do what where tokens are given out.</summary>
    public static TestRegistryAuth.Bearer Policy { get; } = new()
    {
        Users = new[] { Ada, Reader, Pusher }.ToDictionary(login => login.User, login => login.Password),
        RefreshTokens = new Dictionary<string, string> { [Ada.Identity] = Ada.User },
        Policy = (user, repository, action) => user switch
        {
            "ada" => true,
            "reader" => action == "pull",
            "pusher" => repository.StartsWith("apps/", StringComparison.Ordinal),
            _ => action == "pull" && repository.StartsWith("public/", StringComparison.Ordinal),
        },
    };

    public Workspace Workspace { get; }

    /// <summary>The host of the registry with htpasswd.</summary>
    public string Basic => _basic.Host;

    /// <summary>The registry with a token server.</summary>
    public TokenRegistry Tokens { get; }

    public static async Task<PrivateRegistries> StartAsync()
    {
        var workspace = await Workspace.CreateAsync("credentials");
        workspace.Sandbox.Write("src/Directory.Build.targets", """<Project><Import Project="$(ItemsOfHome)" Condition="Exists('$(ItemsOfHome)')" /></Project>""");

        var htpasswd = workspace.Sandbox.Write("htpasswd", Htpasswd);
        var basic = new OwnRegistry(
            workspace.Sandbox.PathOf("basic"), root: $"auth: {{htpasswd: {{realm: private, path: \"{htpasswd}\"}}}}");
        var registries = new PrivateRegistries(
            workspace, basic, await TokenRegistry.StartAsync(workspace.Sandbox.PathOf("tokens"), Policy));
        try
        {
            await basic.StartAsync();
            foreach (var image in new[] { $"{basic.Host}/{PrivateBase}", $"{registries.Tokens.Host}/{PrivateBase}", $"{registries.Tokens.Host}/{PublicBase}" })
                await registries.CopyBaseAsync(image);
            return registries;
        }
        catch
        {
            await registries.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs skopeo, which knows no logins but those on its command line.</summary>
    /// <returns>What it says.</returns>
    public async Task<string> SkopeoAsync(params string[] arguments) =>
        (await new Home(Workspace).RunAsync(Testbed.Get(Server.Skopeo), "", arguments)).StandardOutput;

    /// <summary>The digest of an image, as skopeo sees it.</summary>
    public async Task<string> DigestAsync(string image) => (await SkopeoAsync(
        "inspect",
        "--tls-verify=false",
        "--no-tags",
        "--format",
        "{{.Digest}}",
        "--creds",
        $"{Ada.User}:{Ada.Password}",
        $"docker://{image}")).Trim();

    public async ValueTask DisposeAsync()
    {
        _basic.Dispose();
        await Tokens.DisposeAsync();
        Workspace.Dispose();
    }

    private Task<string> CopyBaseAsync(string image) => SkopeoAsync(
        "copy",
        "--src-tls-verify=false",
        "--dest-tls-verify=false",
        "--dest-creds",
        $"{Ada.User}:{Ada.Password}",
        $"docker://{Testbed.Get(Server.BaseRuntime)}",
        $"docker://{image}");
}

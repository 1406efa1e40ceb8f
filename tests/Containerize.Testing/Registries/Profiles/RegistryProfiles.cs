using Containerize.Testing.Registries.Auth;

namespace Containerize.Testing.Registries.Profiles;

/// <summary>
/// Registries of the world by their names. What they do is taken from their documentation and from the issues of their clients: none of
/// them was at hand. Limits of time and number, prices and rights are left out.
/// </summary>
public static class RegistryProfiles
{
    /// <summary>The repositories that are there before anybody pushes, where a registry does not create them.</summary>
    public const string Existing = "team/app";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<RegistryProfile> All { get; } =
    [
        DockerHub(), AmazonEcr(), GoogleArtifactRegistry(), GoogleContainerRegistry(), AzureContainerRegistry(), GitHubContainerRegistry(), GitLab(), Harbor(), Quay(), Artifactory(),
    ];

    /// <summary>Tokens from another host, which refuses a scope of a repository that is not there; blobs from a third.</summary>
    public static RegistryProfile DockerHub() => new(
        "Docker Hub",
        new TestRegistryOptions
        {
            Auth = Tokens("ann", "dckr_pat_1") with { OwnHost = true, RefusesUnknownRepositories = true },
            RedirectBlobs = true,
        },
        "ann",
        "dckr_pat_1");

    /// <summary>Basic alone; repositories are created before; nothing is mounted; immutable tags; blobs from S3.</summary>
    public static RegistryProfile AmazonEcr() => new(
        "Amazon ECR",
        new TestRegistryOptions
        {
            Auth = new TestRegistryAuth.Basic("AWS", "eyJwYXlsb2FkIjoi"),
            Mount = MountBehaviour.Ignored,
            RedirectBlobs = true,
            MissingRepository = new Refusal(
                404,
                "NAME_UNKNOWN",
                "The repository with name '{repository}' does not exist in the registry with id '123456789012'"),
            ImmutableTags = new Refusal(
                400,
                "TAG_INVALID",
                "The image tag '{tag}' already exists in the '{repository}' repository and cannot be overwritten because the tag is "
                    + "immutable."),
            Quirks = [Profiles.Quirks.PatchIsCreated],
        },
        "AWS",
        "eyJwYXlsb2FkIjoi");

    /// <summary>A key as password; repositories are created before; no chunks; paths as addresses of uploads.</summary>
    public static RegistryProfile GoogleArtifactRegistry() => new(
        "Google Artifact Registry",
        new TestRegistryOptions
        {
            Auth = Tokens("_json_key_base64", "eyJ0eXBlIjoic2VydmljZV9hY2NvdW50In0"),
            AbsoluteLocations = false,
            MissingRepository = new Refusal(404, "NAME_UNKNOWN", "Repository \"{repository}\" not found"),
            ImmutableTags = new Refusal(400, "DENIED", "cannot update tag {tag}. The repository has enabled tag immutability"),
            Quirks = [Profiles.Quirks.WithoutChunks],
        },
        "_json_key_base64",
        "eyJ0eXBlIjoic2VydmljZV9hY2NvdW50In0");

    /// <summary>Says how to log in at the root alone (go-containerregistry's ping).</summary>
    public static RegistryProfile GoogleContainerRegistry() => new(
        "Google Container Registry",
        new TestRegistryOptions
        {
            Auth = Tokens("oauth2accesstoken", "ya29.token"),
            ChallengesAtRoot = true,
            Quirks = [Profiles.Quirks.WithoutChunks],
        },
        "oauth2accesstoken",
        "ya29.token");

    /// <summary>A user of zeros with an identity token, which is traded by POST; <c>access_token</c>; blobs from a store.</summary>
    public static RegistryProfile AzureContainerRegistry() => new(
        "Azure Container Registry",
        new TestRegistryOptions
        {
            Auth = new TestRegistryAuth.Bearer
            {
                RefreshTokens = new Dictionary<string, string> { ["refresh-1"] = "acr" },
                Anonymous = AnonymousAccess.Refused,
                TokenProperty = "access_token",
            },
            RedirectBlobs = true,
            AbsoluteLocations = false,
        },
        "00000000-0000-0000-0000-000000000000",
        "")
    {
        IdentityToken = "refresh-1",
    };

    /// <summary>Whose package it is decides; paths as addresses of uploads; blobs from a store.</summary>
    public static RegistryProfile GitHubContainerRegistry() => new(
        "GitHub Container Registry",
        new TestRegistryOptions
        {
            Auth = Tokens("octocat", "ghp_1"),
            RedirectBlobs = true,
            AbsoluteLocations = false,
        },
        "octocat",
        "ghp_1");

    /// <summary>All scopes in one, of which the last for a repository counts; tokens from another host.</summary>
    public static RegistryProfile GitLab() => new(
        "GitLab",
        new TestRegistryOptions { Auth = Tokens(
            "gitlab-ci-token", "glcbt-1") with { OwnHost = true, Scopes = ScopeReading.LastOfRepository } },
        "gitlab-ci-token",
        "glcbt-1");

    /// <summary>Cookies that must not come back; mounts from projects that are not there are 401; projects are created before.</summary>
    public static RegistryProfile Harbor() => new(
        "Harbor",
        new TestRegistryOptions
        {
            Auth = Tokens("robot$ci", "s3cret"),
            MissingRepository = new Refusal(404, "NOT_FOUND", "project {repository} not found"),
            ImmutableTags = new Refusal(
                412,
                "PRECONDITION",
                "Failed to process request due to '{repository}:{tag}' configured as immutable."),
            Quirks = [Profiles.Quirks.CookiesNeedMore, Profiles.Quirks.MountsFromProjects(
                from => !from.StartsWith("gone/", StringComparison.Ordinal))],
        },
        "robot$ci",
        "s3cret");

    /// <summary>A mount has to say where from.</summary>
    public static RegistryProfile Quay() => new(
        "Quay",
        new TestRegistryOptions { Auth = Tokens("team+ci", "QUAY1"), Quirks = [Profiles.Quirks.MountsOnlyFrom] },
        "team+ci",
        "QUAY1");

    /// <summary>Basic; no HEAD of manifests; pushes without Accept; nothing is mounted.</summary>
    public static RegistryProfile Artifactory() => new(
        "Artifactory",
        new TestRegistryOptions
        {
            Auth = new TestRegistryAuth.Basic("ci", "AKCp1"),
            Mount = MountBehaviour.Ignored,
            Quirks = [Profiles.Quirks.PushesWithoutAccept, Profiles.Quirks.ManifestsWithoutHead],
        },
        "ci",
        "AKCp1");

    private static TestRegistryAuth.Bearer Tokens(string user, string password) => new()
    {
        Users = new Dictionary<string, string> { [user] = password },
        Anonymous = AnonymousAccess.Refused,
    };
}

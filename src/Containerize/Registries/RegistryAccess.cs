namespace Containerize.Registries;

/// <summary>
/// What a repository is opened for. It decides which pair of environment variables is asked for credentials
/// (the .NET SDK's own rule, so that a pipeline that works there works here) and which rights a token is asked for.
/// </summary>
public enum RegistryAccess
{
    /// <summary>Reading only: <c>DOTNET_CONTAINER_PULL_REGISTRY_UNAME</c> and <c>…_PWORD</c>.</summary>
    Pull,

    /// <summary>
    /// Writing: the <c>DOTNET_CONTAINER_PUSH_REGISTRY_…</c> pair, then <c>DOTNET_CONTAINER_REGISTRY_…</c>,
    /// then <c>SDK_CONTAINER_REGISTRY_…</c>. Every token is asked for with pull and push.
    /// </summary>
    Push,

    /// <summary>
    /// Reading from the registry that the same build pushes to: the <c>PULL</c> pair, then the two general ones.
    /// Reads ask for pull, writes for pull and push.
    /// </summary>
    PullAndPush,

    /// <summary>Reading from a mirror: no variable that names no host, since those are meant for the registry that is mirrored.</summary>
    Mirror,
}

namespace Containerize.Testing;

/// <summary>
/// The names of what a testbed may offer: keys of <see cref="Testbed"/>, of <c>testbed.env</c> and, prefixed, of the environment.
/// </summary>
public static class Server
{
    /// <summary>A registry without authentication, as <c>host:port</c>.</summary>
    public const string Registry = "REGISTRY";

    /// <summary>Another registry without authentication.</summary>
    public const string Registry2 = "REGISTRY2";

    /// <summary>A registry that wants a user and a password.</summary>
    public const string RegistryAuth = "REGISTRY_AUTH";

    /// <summary>The user for <see cref="RegistryAuth"/>.</summary>
    public const string RegistryAuthUser = "REGISTRY_AUTH_USER";

    /// <summary>The password for <see cref="RegistryAuth"/>.</summary>
    public const string RegistryAuthPassword = "REGISTRY_AUTH_PASSWORD";

    /// <summary>The docker command line that reaches the testbed's daemon (a wrapper script).</summary>
    public const string Docker = "DOCKER";

    /// <summary>The address of the testbed's docker daemon.</summary>
    public const string DockerHost = "DOCKER_HOST";

    /// <summary>The podman command line.</summary>
    public const string Podman = "PODMAN";

    /// <summary>The skopeo command line.</summary>
    public const string Skopeo = "SKOPEO";

    /// <summary>The umoci command line.</summary>
    public const string Umoci = "UMOCI";

    /// <summary>The command line of containerd.</summary>
    public const string Ctr = "CTR";

    /// <summary>The buildah command line.</summary>
    public const string Buildah = "BUILDAH";

    /// <summary>An OCI base image with ASP.NET Core.</summary>
    public const string BaseAspNet = "BASE_ASPNET";

    /// <summary>An OCI base image with the .NET runtime.</summary>
    public const string BaseRuntime = "BASE_RUNTIME";

    /// <summary>An OCI base image with what the .NET runtime needs, and without it.</summary>
    public const string BaseRuntimeDeps = "BASE_RUNTIME_DEPS";

    /// <summary><see cref="BaseAspNet"/> with Docker's media types.</summary>
    public const string BaseAspNetDocker = "BASE_ASPNET_DOCKER";

    /// <summary><see cref="BaseRuntime"/> with Docker's media types.</summary>
    public const string BaseRuntimeDocker = "BASE_RUNTIME_DOCKER";

    /// <summary>An OCI index of <see cref="BaseAspNet"/> for several platforms.</summary>
    public const string BaseAspNetMulti = "BASE_ASPNET_MULTI";

    /// <summary><see cref="BaseAspNetMulti"/> with Docker's media types.</summary>
    public const string BaseAspNetMultiDocker = "BASE_ASPNET_MULTI_DOCKER";

    /// <summary><see cref="BaseAspNet"/> for linux/arm64.</summary>
    public const string BaseAspNetArm64 = "BASE_ASPNET_ARM64";

    /// <summary>A small base image with a shell.</summary>
    public const string BaseBusybox = "BASE_BUSYBOX";
}

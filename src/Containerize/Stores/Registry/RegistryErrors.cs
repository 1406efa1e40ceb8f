using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Stores.Registry;

/// <summary>Gives a registry's failure the code of the step that it happened in, and says what to do next.</summary>
internal static class RegistryErrors
{
    private const string Misdirected = "The registry's administrator has to correct the address. "
        + "It is also what an attack on this machine looks like.";

    public static ContainerizeException OnPull(RegistryException e, ImageReference reference)
    {
        var (code, next) = e.Failure switch
        {
            RegistryFailure.Unreachable or RegistryFailure.TimedOut => (ErrorCodes.BaseRegistryUnreachable,
                $"Check the name {e.Registry}, the network and the proxy, or choose a ContainerBaseImage from another registry."),
            RegistryFailure.Unauthorized or RegistryFailure.Denied => (ErrorCodes.BaseAccessDenied,
                $"{LogIn(e)}, and check the image's name: registries also say so of images that do not exist."),
            RegistryFailure.NotFound => (ErrorCodes.BaseNotFound, "Check ContainerBaseImage."),
            RegistryFailure.InvalidContent => (ErrorCodes.BaseContentInvalid,
                "What the registry sent is not what its manifest promises; nothing of it was used. "
                    + "Try again. If the problem persists, contact the registry's administrator."),
            RegistryFailure.Credentials =>
                (ErrorCodes.CredentialsUnreadable, "Fix the credentials, or remove them if the image is public."),
            RegistryFailure.Forbidden => (ErrorCodes.BaseRegistryFailed, "Change that file, or choose another ContainerBaseImage."),
            RegistryFailure.Misdirected => (ErrorCodes.BaseRegistryFailed, Misdirected),
            _ => (ErrorCodes.BaseRegistryFailed, "Try again. If the problem persists, contact the registry's administrator."),
        };
        return new ContainerizeException(code, $"The base image '{reference}' could not be read. {e.Message} {next}", e);
    }

    public static ContainerizeException OnPush(RegistryException e, string destination)
    {
        if (e.Reason != RefusalReason.Unknown)
            return new ContainerizeException(
                ErrorCodes.PushFailed,
                $"The image could not be pushed to '{destination}'. {e.Message} {Next(e)}",
                e);
        var (code, next) = e.Failure switch
        {
            RegistryFailure.Unreachable or RegistryFailure.TimedOut => (ErrorCodes.RegistryUnreachable,
                "Check ContainerRegistry, the network and the proxy."),
            RegistryFailure.Unauthorized or RegistryFailure.Denied => (ErrorCodes.PushDenied,
                $"{LogIn(e)} as a user who may push there, and check ContainerRegistry and ContainerRepository."),
            RegistryFailure.NotFound => (ErrorCodes.PushFailed,
                "Some registries want the repository to be created before the first push; check ContainerRepository."),
            RegistryFailure.Credentials => (ErrorCodes.CredentialsUnreadable, "Fix the credentials."),
            RegistryFailure.InvalidContent => (ErrorCodes.PushFailed,
                "What the registry has stored under this name cannot be relied on: look at it there before it is used, and contact the "
                    + "registry's administrator."),
            RegistryFailure.Misdirected => (ErrorCodes.PushFailed, Misdirected),
            _ => (
                ErrorCodes.PushFailed,
                "No tag was moved by the failed request. Try again. If the problem persists, contact the registry's administrator."),
        };
        return new ContainerizeException(code, $"The image could not be pushed to '{destination}'. {e.Message} {next}", e);
    }

    // A variable takes precedence over what docker login writes, so logging in would change nothing.
    private static string LogIn(RegistryException e)
    {
        var commands = $"'docker login {e.Registry}' or 'podman login {e.Registry}'";
        return e.HasLogin ? $"Renew the login there (in a file of Docker's or podman's: {commands})" : $"Log in with {commands}";
    }

    private static string Next(RegistryException e) => e.Reason switch
    {
        RefusalReason.RepositoryMissing =>
            $"This registry does not create what is pushed to: create the repository '{e.Repository}' there (Amazon ECR: "
                + $"aws ecr create-repository --repository-name {e.Repository}; Harbor: its project), or correct ContainerRepository.",
        RefusalReason.TagImmutable =>
            "The registry keeps tags from being moved. Publish under another tag: raise the version, or set ContainerImageTag.",
        RefusalReason.PartMissing =>
            "The registry still lacks a part of the image, though all of it was sent once more. Publish again. "
                + "If the problem persists, delete "
                + "the image of this tag there, or contact the registry's administrator.",
        RefusalReason.QuotaExceeded =>
            "The registry's storage quota is exceeded. Delete unused images, or have the quota raised.",
        RefusalReason.ReadOnly =>
            "The registry is read-only at the moment (maintenance, an archived project, or a mirror). Try later, or push to another one.",
        RefusalReason.RateLimited =>
            "Wait, or log in as a user with a higher limit.",
        _ =>
            "A proxy in front of the registry limits how much it takes at once (nginx: client_max_body_size). Have the limit raised.",
    };
}

using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Registries;

namespace Containerize.Building;

/// <summary>What a plan says of registries → what their client takes.</summary>
internal static class RegistryOptions
{
    /// <summary>Adds it to what does not come from the plan.</summary>
    public static RegistryClientOptions With(this RegistryClientOptions options, RegistrySettings settings) => options with
    {
        InsecureRegistries = settings.Insecure,
        Logins = [.. settings.Logins.Select(login => new RegistryLogin(login.Registry)
        {
            User = login.User,
            UserVariable = login.UserVariable,
            PasswordVariable = login.PasswordVariable,
            PasswordFile = login.PasswordFile,
        })],
        Mirrors = [.. settings.Mirrors.Select(mirror => new RegistryMirror(mirror.Registry, mirror.Location))],
        ConnectTimeout = settings.ConnectTimeout ?? options.ConnectTimeout,
        SilenceTimeout = settings.SilenceTimeout ?? options.SilenceTimeout,
    };
}

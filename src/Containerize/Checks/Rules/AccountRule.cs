using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Users and groups by a name that the image does not know.</summary>
internal sealed class AccountRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Image.Config.User is not { Length: > 0 } user)
            return null;
        var (name, group) = user.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon
            ? (user[..colon], user[(colon + 1)..])
            : (user, "");
        if (name.Length > 0 && Accounts.Exists(image, "etc/passwd", name) is false)
            return Missing(image, $"user '{name}', who", "/etc/passwd");
        return group.Length > 0 && Accounts.Exists(image, "etc/group", group) is false
            ? Missing(image, $"group '{group}', which", "/etc/group")
            : null;
    }

    private static Finding Missing(Inspection image, string who, string file) => new(
        ErrorCodes.AccountMissing,
        $"the {who} is not in {file}",
        $"The image runs as the {who} is not in the image's {file}: engines will refuse to start it. "
            + $"Set ContainerUser to a name that {image.Base} knows, or to a number.");
}

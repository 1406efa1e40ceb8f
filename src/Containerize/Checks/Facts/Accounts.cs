using System.Globalization;

namespace Containerize.Checks.Facts;

/// <summary>The users and groups of an image: <c>/etc/passwd</c> and <c>/etc/group</c>.</summary>
internal static class Accounts
{
    /// <summary>Whether the image runs as root; null where it cannot be told.</summary>
    public static bool? IsRoot(Inspection image)
    {
        if (image.Image.Config.User?.Split(':')[0] is not { Length: > 0 } user)
            return true;
        if (Number(user) is { } number)
            return number == 0;
        return Line(image, "etc/passwd", user) is [_, _, var id, ..] && Number(id) is { } found
            ? found == 0
            : user == "root" ? true : null;
    }

    /// <summary>Whether there is a user or group of this name, or it is a number; null where it cannot be told.</summary>
    public static bool? Exists(Inspection image, string file, string name)
    {
        // Not every engine looks root up.
        if (name == "root" || Number(name) is not null)
            return true;
        return image.Text(file) is null ? null : Line(image, file, name) is not null;
    }

    private static string[]? Line(Inspection image, string file, string name) =>
        image.Text(file)?.Split('\n').Select(line => line.Trim().Split(':')).FirstOrDefault(line => line.Length > 2 && line[0] == name);

    // moby and runc take no larger ones.
    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}

using System.Globalization;
using Containerize.Layers;

namespace Containerize.Planning.Settings;

/// <summary>Owner and mode of files as users write them.</summary>
/// <param name="UserId">The numeric owner.</param>
/// <param name="GroupId">The numeric group.</param>
/// <param name="Names">Owner and group where one of them is a name; see <see cref="LayerEntry.OwnerName"/>.</param>
/// <param name="IsGiven">Whether the user said anything.</param>
internal readonly record struct Ownership(int UserId, int GroupId, string? Names, bool IsGiven)
{
    /// <summary>
    /// Reads <c>user[:group]</c>, numbers (up to 2147483647, engines' own limit) or names. A number alone is the group too, as with a
    /// Dockerfile's <c>--chown</c>. Empty means root.
    /// </summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1034).</exception>
    public static Ownership Parse(string? text, string setting)
    {
        if (string.IsNullOrEmpty(text))
            return default;
        var parts = text.Split(':');
        if (parts.Length > 2 || parts.Any(part => part.Length == 0 || part.Any(c => char.IsWhiteSpace(c) || char.IsControl(c) || c is '/')))
            throw Invalid(text, setting);
        if (parts.Any(part => !char.IsAsciiDigit(part[0])))
            return new Ownership(0, 0, text, true);
        var ids = new int[2];
        for (var i = 0; i < 2; i++)
        {
            if (!int.TryParse(parts[Math.Min(i, parts.Length - 1)], NumberStyles.None, CultureInfo.InvariantCulture, out ids[i]))
                throw Invalid(text, setting);
        }

        return new Ownership(ids[0], ids[1], null, true);
    }

    /// <summary>
    /// What <c>ContainerUser</c> says, as it is: the base may know any name, so only what engines cannot take apart is refused: moby and
    /// runc take numbers up to 2147483647. Null where it says nothing.
    /// </summary>
    /// <exception cref="ContainerizeException">It is not of the form <c>user[:group]</c> (CTZ1034).</exception>
    public static string? CheckUser(string? text) =>
        string.IsNullOrEmpty(text) ? null
        : text.Count(c => c == ':') <= 1 && text[^1] != ':' && !text.Any(c => char.IsWhiteSpace(c) || char.IsControl(c))
            && text.Split(':').All(part => part.Any(c => !char.IsAsciiDigit(c)) || part.Length == 0
                || int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _)) ? text
        : throw new ContainerizeException(
            ErrorCodes.OwnerOrModeInvalid,
            $"ContainerUser is '{text}', which is no user: it has the form user or user:group, each a name or a number up to "
                + "2147483647. Set it for example to 'app' or '1654:1654', or remove it.");

    /// <summary>The entry with this owner.</summary>
    public LayerEntry GiveTo(LayerEntry entry) => entry with { UserId = UserId, GroupId = GroupId, OwnerName = Names };

    /// <summary>Reads a mode in octal digits, such as <c>0640</c> or <c>1777</c>; null where there is none.</summary>
    /// <exception cref="ContainerizeException">It is none (CTZ1034).</exception>
    public static int? ParseMode(string? text, string setting)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        var digits = text.StartsWith("0o", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length is >= 3 and <= 5 && digits.All(digit => digit is >= '0' and <= '7')
            && Convert.ToInt32(digits, 8) is <= 0b111_111_111_111 and var mode
            ? mode
            : throw new ContainerizeException(
                ErrorCodes.OwnerOrModeInvalid,
                $"{setting} has the mode '{text}', which is no mode: three or four octal digits are needed. "
                    + "Write for example Mode=\"0640\".");
    }

    private static ContainerizeException Invalid(string text, string setting) => new(
        ErrorCodes.OwnerOrModeInvalid,
        $"{setting} has the owner '{text}', which is none: a user is needed, and perhaps a group behind ':', each as a number up to "
            + $"{int.MaxValue.ToString(CultureInfo.InvariantCulture)} or as a name. Write for example Owner=\"1654:1654\" or "
            + "Owner=\"app\".");
}

using System.Globalization;

namespace Containerize.Files;

/// <summary>
/// Owners by name, looked up in an image's own <c>/etc/passwd</c> and <c>/etc/group</c>. Read as BuildKit reads <c>COPY --chown</c>: a user
/// by name without a group has the group that passwd gives it; a user by number without a group has the group of that number.
/// </summary>
internal sealed class OwnerNames
{
    // More would hide what to do behind a list.
    private const int MaxNames = 20;
    private const int LongestName = 64;

    private readonly Dictionary<string, (int User, int Group)> _known = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyList<Account>> _users;
    private readonly Lazy<IReadOnlyList<Account>> _groups;
    private readonly string _image;

    /// <summary>Looks names up in these files.</summary>
    /// <param name="files">The base's files.</param>
    /// <param name="image">The base's name, for messages.</param>
    public OwnerNames(ImageTree files, string image)
    {
        _image = image;
        _users = new(() => Accounts(files.Text("etc/passwd")));
        _groups = new(() => Accounts(files.Text("etc/group")));
    }

    /// <summary>Whether an owner can be told without looking anything up.</summary>
    public static bool AreNumbers(string owner) => owner.Split(':').All(part => part.Length > 0 && part.All(char.IsAsciiDigit));

    /// <summary>The numbers of <c>user[:group]</c>.</summary>
    /// <param name="owner">Each a name or a number.</param>
    /// <param name="path">What belongs to them, for messages.</param>
    /// <exception cref="ContainerizeException">A name is not known there (CTZ3006).</exception>
    public (int User, int Group) Find(string owner, string path)
    {
        if (!_known.TryGetValue(owner, out var numbers))
            _known[owner] = numbers = Read(owner, path);
        return numbers;
    }

    private (int User, int Group) Read(string owner, string path)
    {
        var colon = owner.IndexOf(':', StringComparison.Ordinal);
        var user = colon < 0 ? owner : owner[..colon];
        var group = colon < 0 ? "" : owner[(colon + 1)..];
        if (user.Length == 0)
            throw Unknown(owner, path, "it names no user", []);
        var (userId, primary) = IsNumber(user) ? (Number(user, owner, path), Number(user, owner, path))
            : _users.Value.FirstOrDefault(account => account.Name == user) is { } known ? (known.Id, known.Group)
            : throw Unknown(owner, path, $"its /etc/passwd has no user '{user}'", _users.Value);
        if (group.Length == 0)
            return (userId, primary);
        return (userId, IsNumber(group) ? Number(group, owner, path)
            : _groups.Value.FirstOrDefault(account => account.Name == group) is { } named ? named.Id
            : throw Unknown(owner, path, $"its /etc/group has no group '{group}'", _groups.Value));
    }

    private static bool IsNumber(string text) => text.All(char.IsAsciiDigit);

    private int Number(string text, string owner, string path) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? unchecked((int)number)
            : throw Unknown(owner, path, $"'{text}' is larger than any owner's number", []);

    // "name:password:uid:gid:…" and "name:password:gid:…"; lines that are not so are passed over, as the C library does.
    private static List<Account> Accounts(string? text)
    {
        var accounts = new List<Account>();
        foreach (var line in (text ?? "").Split('\n'))
        {
            if (line.Split(':') is [{ Length: > 0 } name, _, var id, var group, ..] && !name.StartsWith('#')
                && uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                uint.TryParse(group, NumberStyles.None, CultureInfo.InvariantCulture, out var primary);
                accounts.Add(new Account(name, unchecked((int)number), unchecked((int)primary)));
            }
        }

        return accounts;
    }

    private ContainerizeException Unknown(string owner, string path, string why, IReadOnlyList<Account> accounts)
    {
        // The names are the base's, and go to the user's terminal.
        var names = ErrorText.List(accounts.Select(account => account.Name), MaxNames, LongestName);
        var offered = names.Length == 0 ? "" : $"; it has {names}";
        return new ContainerizeException(
            ErrorCodes.OwnerUnknown,
            $"The owner '{owner}' of /{path} cannot be found in the base image '{_image}': {why}{offered}. "
                + "Name one that the base has, or give numbers, such as 1654:1654.");
    }

    private sealed record Account(string Name, int Id, int Group);
}

using System.Text;
using Containerize.Images;

namespace Containerize.Planning;

/// <summary>Makes a repository's name of a project's, as the .NET SDK's containers do.</summary>
public static class RepositoryName
{
    /// <summary>
    /// A valid name as it is; otherwise lower-cased, with <c>-</c> for everything but letters, digits, <c>_</c>,
    /// <c>-</c> and <c>/</c> (dots too: <c>Contoso.Web</c> becomes <c>contoso-web</c>).
    /// </summary>
    /// <exception cref="ContainerizeException">Nothing valid comes of it (CTZ1004).</exception>
    public static string Normalize(string name)
    {
        if (ImageReference.IsValidRepository(name))
            return name;
        // What stands before an @ may be a password, and must not become a name that everybody sees.
        if (name.Length == 0 || !char.IsAsciiLetterOrDigit(name[0]) || name.Contains('@', StringComparison.Ordinal))
            throw Invalid(name);
        var result = new StringBuilder(name.Length);
        foreach (var c in name)
            result.Append(char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' ? char.ToLowerInvariant(c) : '-');
        return ImageReference.IsValidRepository(result.ToString()) ? result.ToString() : throw Invalid(name);
    }

    private static ContainerizeException Invalid(string name) => new(
        ErrorCodes.RepositoryInvalid,
        $"'{Logins.Hide(name)}' is not a valid repository name, and none can be made of it. A repository consists of lower-case letters and digits, with '.', '_', '-' inside and '/' between its parts. Set ContainerRepository, for example to 'team/app'.");
}

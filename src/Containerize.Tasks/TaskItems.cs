using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>Reads items.</summary>
internal static class TaskItems
{
    /// <summary>What the items include, without blanks.</summary>
    public static IReadOnlyList<string> Values(ITaskItem[] items) =>
        [.. items.Select(item => item.ItemSpec).Where(value => value.Length > 0)];

    /// <summary>A metadatum; null where it is absent or empty.</summary>
    public static string? Metadata(this ITaskItem item, string name) => item.GetMetadata(name) is { Length: > 0 } value ? value : null;

    /// <summary>True for <c>true</c> in any case: what MSBuild's own conditions accept.</summary>
    public static bool IsTrue(string? value) => string.Equals(value, "true", StringComparison.OrdinalIgnoreCase);

    /// <summary>One of the values that a property knows, in any case.</summary>
    /// <exception cref="ContainerizeException">It is none of them (CTZ1037).</exception>
    public static T OneOf<T>(string property, string? value, T usual)
        where T : struct, Enum
    {
        if (string.IsNullOrEmpty(value))
            return usual;
        // A number would be parsed too.
        return char.IsAsciiLetter(value[0]) && Enum.TryParse<T>(value, ignoreCase: true, out var parsed) && Enum.IsDefined(parsed)
            ? parsed
            : throw new ContainerizeException(
                ErrorCodes.SettingUnknown,
                $"{property} is '{value}'. Set it to {string.Join(", ", Enum.GetNames<T>().Select(name => $"'{name}'"))}, or remove it.");
    }
}

namespace Containerize.Planning.Settings;

/// <summary>Properties with a few values (case-insensitive).</summary>
internal static class EnumeratedProperty
{
    /// <summary>The value of a property; null where it is empty.</summary>
    /// <param name="property">Its name.</param>
    /// <param name="value">What the user set.</param>
    /// <param name="code">The code of the failure, where the property has one of its own.</param>
    /// <exception cref="ContainerizeException">It is none of the names of <typeparamref name="T"/>.</exception>
    public static T? Parse<T>(string property, string? value, string code = ErrorCodes.PropertyValueUnknown)
        where T : struct, Enum
    {
        if (string.IsNullOrWhiteSpace(value))
            return null;
        var names = Enum.GetNames<T>();
        return names.FirstOrDefault(name => name.Equals(value.Trim(), StringComparison.OrdinalIgnoreCase)) is { } known
            ? Enum.Parse<T>(known)
            : throw Unknown(property, value, names, code);
    }

    /// <summary>Whether a property is <c>true</c>; false where it is empty.</summary>
    /// <exception cref="ContainerizeException">It is neither true nor false (CTZ1037).</exception>
    public static bool ParseSwitch(string property, string? value) => value?.Trim().ToUpperInvariant() switch
    {
        null or "" or "FALSE" => false,
        "TRUE" => true,
        _ => throw Unknown(property, value, ["true", "false"], ErrorCodes.PropertyValueUnknown),
    };

    private static ContainerizeException Unknown(string property, string value, string[] allowed, string code) => new(
        code,
        $"{property} is '{value}'. Set it to {string.Join(", ", allowed[..^1].Select(name => $"'{name}'"))} or '{allowed[^1]}', or "
            + "remove it.");
}

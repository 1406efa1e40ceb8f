namespace Containerize.Registries.Configuration;

/// <summary>What names of images begin with.</summary>
/// <param name="Text"><c>host</c>, <c>host/namespace</c>, or <c>*.host</c> for all hosts below one.</param>
internal readonly record struct NamePrefix(string Text)
{
    /// <summary>How much of a name the prefix covers; negative where it does not fit.</summary>
    public int Covers(string name)
    {
        // The longer pattern counts for more; the star does not count, so that a host by its name goes before all patterns.
        if (IsPattern)
            return name[..HostLength(name)].EndsWith(Text[1..], StringComparison.OrdinalIgnoreCase) ? Text.Length - 1 : -1;
        return name.StartsWith(Text, StringComparison.OrdinalIgnoreCase) && (name.Length == Text.Length || name[Text.Length] is '/' or ':' or '@') ? Text.Length : -1;
    }

    /// <summary>A name with the prefix replaced.</summary>
    public string Rewrite(string name, string location) => location + name[(IsPattern ? HostLength(name) : Text.Length)..];

    public override string ToString() => Text;

    private bool IsPattern => Text.StartsWith("*.", StringComparison.Ordinal);

    // Without a port, as podman reads patterns.
    private static int HostLength(string name) => name.AsSpan().IndexOfAny('/', ':') is >= 0 and var end ? end : name.Length;
}

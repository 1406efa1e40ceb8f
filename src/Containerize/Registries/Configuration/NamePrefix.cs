using Containerize.Registries.Transport;

namespace Containerize.Registries.Configuration;

/// <summary>What names of images begin with. Hosts are compared in their canonical form.</summary>
/// <param name="Text"><c>host</c>, <c>host/namespace</c>, or <c>*.host</c> for all hosts below one.</param>
internal readonly record struct NamePrefix(string Text)
{
    /// <summary>How much of a name the prefix covers; negative where it does not fit.</summary>
    public int Covers(string name)
    {
        (name, var text) = (CanonicalHost.NameOf(name), Canonical);
        // The longer pattern counts for more; the star does not count, so that a host by its name takes precedence over all patterns.
        if (IsPattern)
            return name[..HostLength(name)].EndsWith(text[1..], StringComparison.OrdinalIgnoreCase) ? text.Length - 1 : -1;
        return name.StartsWith(text, StringComparison.OrdinalIgnoreCase)
            && (name.Length == text.Length || name[text.Length] is '/' or ':' or '@') ? text.Length : -1;
    }

    /// <summary>A name with the prefix replaced.</summary>
    public string Rewrite(string name, string location)
    {
        name = CanonicalHost.NameOf(name);
        return location + name[(IsPattern ? HostLength(name) : Canonical.Length)..];
    }

    public override string ToString() => Text;

    private string Canonical => IsPattern ? "*." + CanonicalHost.Of(Text[2..]) : CanonicalHost.NameOf(Text);

    private bool IsPattern => Text.StartsWith("*.", StringComparison.Ordinal);

    // Without a port, as podman reads patterns.
    private static int HostLength(string name) =>
        name.IndexOf(']') is >= 0 and var bracket ? bracket + 1 : name.AsSpan().IndexOfAny(
            '/', ':') is >= 0 and var end ? end : name.Length;
}

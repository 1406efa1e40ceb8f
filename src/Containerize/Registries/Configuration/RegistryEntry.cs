using Containerize.Images;

namespace Containerize.Registries.Configuration;

/// <summary>One <c>[[registry]]</c> of registries.conf (containers-registries.conf(5), version 2).</summary>
/// <param name="Prefix">What a name has to begin with: <c>host</c>, <c>host/namespace</c>, or <c>*.host</c> for all hosts below one.</param>
/// <param name="Location">What takes the prefix's place; null leaves the name as it is.</param>
/// <param name="IsInsecure">Whether plain HTTP and any certificate will do.</param>
/// <param name="IsBlocked">Whether nothing may be pulled.</param>
/// <param name="Mirrors">Where it is tried first, in this order.</param>
internal sealed record RegistryEntry(string Prefix, string? Location, bool IsInsecure, bool IsBlocked, IReadOnlyList<MirrorEntry> Mirrors)
{
    /// <summary>How much of a name the prefix covers; negative where it does not fit.</summary>
    public int Covers(string name)
    {
        if (Prefix.StartsWith("*.", StringComparison.Ordinal))
        {
            var host = name.Split('/', 2)[0];
            return host.EndsWith(Prefix[1..], StringComparison.OrdinalIgnoreCase) ? 1 : -1;
        }

        return name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && (name.Length == Prefix.Length || name[Prefix.Length] is '/' or ':' or '@') ? Prefix.Length : -1;
    }

    /// <summary>A name with the prefix replaced.</summary>
    public string Rewrite(string name, string location) => Prefix.StartsWith("*.", StringComparison.Ordinal)
        ? location + (name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? name[slash..] : "")
        : location + name[Prefix.Length..];
}

/// <summary>One <c>[[registry.mirror]]</c>.</summary>
/// <param name="Location">Host, and perhaps a namespace.</param>
/// <param name="IsInsecure">Whether plain HTTP and any certificate will do.</param>
/// <param name="ForTags">Whether it is asked for tags.</param>
/// <param name="ForDigests">Whether it is asked for digests.</param>
internal sealed record MirrorEntry(string Location, bool IsInsecure, bool ForTags, bool ForDigests)
{
    public bool Serves(ImageReference reference) => reference.Digest is null ? ForTags : ForDigests;
}

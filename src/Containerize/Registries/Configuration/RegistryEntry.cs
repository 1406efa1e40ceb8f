using Containerize.Images;

namespace Containerize.Registries.Configuration;

/// <summary>One <c>[[registry]]</c> of registries.conf (containers-registries.conf(5), version 2).</summary>
/// <param name="Prefix">What a name has to begin with.</param>
/// <param name="Location">What takes the prefix's place; null leaves the name as it is.</param>
/// <param name="IsInsecure">Whether plain HTTP and any certificate will do.</param>
/// <param name="IsBlocked">Whether nothing may be pulled.</param>
/// <param name="Mirrors">Where it is tried first, in this order.</param>
internal sealed record RegistryEntry(
    NamePrefix Prefix, string? Location, bool IsInsecure, bool IsBlocked, IReadOnlyList<MirrorEntry> Mirrors);

/// <summary>One <c>[[registry.mirror]]</c>.</summary>
/// <param name="Location">Host, and perhaps a namespace.</param>
/// <param name="IsInsecure">Whether plain HTTP and any certificate will do.</param>
/// <param name="ForTags">Whether it is asked for tags.</param>
/// <param name="ForDigests">Whether it is asked for digests.</param>
internal sealed record MirrorEntry(string Location, bool IsInsecure, bool ForTags, bool ForDigests)
{
    public bool Serves(ImageReference reference) => reference.Digest is null ? ForTags : ForDigests;
}

using System.Collections.Concurrent;

namespace Containerize.Testing.Registries.Storage;

/// <summary>
/// What one repository holds. A blob belongs to the repositories it was put into or mounted to, not to the whole registry.
/// </summary>
internal sealed class RepositoryContent
{
    private readonly ConcurrentDictionary<string, StoredManifest> _manifests = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _tags = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, UploadSession> Uploads { get; } = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Tags => [.. _tags.Keys.Order(StringComparer.Ordinal)];

    public IReadOnlyList<StoredManifest> Manifests => [.. _manifests.Values.OrderBy(manifest => manifest.Digest, StringComparer.Ordinal)];

    /// <summary>The manifest of a digest or a tag.</summary>
    public StoredManifest? FindManifest(string reference)
    {
        var digest = ContentDigest.IsValid(reference) ? reference : _tags.GetValueOrDefault(reference);
        return digest is null ? null : _manifests.GetValueOrDefault(digest);
    }

    public StoredManifest PutManifest(string? tag, string mediaType, ReadOnlySpan<byte> content)
    {
        var manifest = new StoredManifest(ContentDigest.Of(content), mediaType, content.ToArray());
        _manifests[manifest.Digest] = manifest;
        if (tag is not null)
            _tags[tag] = manifest.Digest;
        return manifest;
    }

    /// <summary>Removes a manifest and the tags that name it.</summary>
    public bool RemoveManifest(string digest)
    {
        if (!_manifests.TryRemove(digest, out _))
            return false;
        foreach (var tag in _tags)
        {
            if (tag.Value == digest)
                _tags.TryRemove(tag);
        }
        return true;
    }

    public bool RemoveTag(string tag) => _tags.TryRemove(tag, out _);
}

namespace Containerize.Testing.Registries.Storage;

/// <summary>A manifest or an index as it was put: its bytes are never changed.</summary>
/// <param name="Digest">Of the bytes.</param>
/// <param name="MediaType">The Content-Type that it was put with.</param>
/// <param name="Content">The bytes.</param>
public sealed record StoredManifest(string Digest, string MediaType, byte[] Content);

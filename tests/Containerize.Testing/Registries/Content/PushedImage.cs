namespace Containerize.Testing.Registries.Content;

/// <summary>An image that a test has put into a registry.</summary>
/// <param name="Digest">Of the manifest.</param>
/// <param name="MediaType">Of the manifest.</param>
/// <param name="Size">Of the manifest, in bytes.</param>
/// <param name="Platform"><c>os/architecture[/variant]</c>.</param>
/// <param name="ConfigDigest">Of the config.</param>
/// <param name="Layers">The layers, lowest first.</param>
public sealed record PushedImage(
    string Digest, string MediaType, long Size, string Platform, string ConfigDigest, IReadOnlyList<TestLayer> Layers);

/// <summary>An index that a test has put into a registry.</summary>
/// <param name="Digest">Of the index.</param>
/// <param name="MediaType">Of the index.</param>
/// <param name="Images">Its images, in the order of the index.</param>
public sealed record PushedIndex(string Digest, string MediaType, IReadOnlyList<PushedImage> Images);

using Containerize.Images;

namespace Containerize.Stores;

/// <summary>
/// One image on its way to one place. A publish takes all of its targets through the steps in this order, each step for all targets
/// before the next one, so that a failure which can be foreseen happens before anything is sent, and no tag moves before all registries
/// have the blobs.
/// </summary>
internal interface IImageTarget
{
    /// <summary>The registry's host, the file, the folder, or the engine's name.</summary>
    string Place { get; }

    /// <summary>The image's repository there, with the tags that it should get.</summary>
    ImageNames Names { get; }

    /// <summary>The image as one name in messages: <c>ghcr.io/team/app:1.0</c>, <c>team/app:1.0 in /srv/layout</c>.</summary>
    /// <param name="tag">The tag; null for the repository as a whole.</param>
    string NameOf(string? tag);

    /// <summary>Whether other machines read from it. Such targets get their tags last.</summary>
    bool IsShared { get; }

    /// <summary>
    /// Whether the place keeps the tags of earlier publishes. An archive holds one image alone, and an engine is a developer's machine,
    /// where the image that was built last is the one that is meant.
    /// </summary>
    bool KeepsTags { get; }

    /// <summary>Looks whether the place can take the image. Sends nothing.</summary>
    /// <returns>The target that takes it: this one, or the one that stands in for it.</returns>
    /// <exception cref="ContainerizeException">It cannot (CTZ5xxx).</exception>
    Task<IImageTarget> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>The tags of the repository, where <see cref="KeepsTags"/> holds.</summary>
    /// <exception cref="ContainerizeException">They cannot be listed (CTZ4006), or the place does not answer.</exception>
    Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken cancellationToken);

    /// <summary>What a tag names now; null where there is no such tag.</summary>
    /// <exception cref="ContainerizeException">The place does not answer.</exception>
    Task<Digest?> FindTagAsync(string tag, CancellationToken cancellationToken);

    /// <summary>Brings everything that no reader sees without a tag.</summary>
    /// <exception cref="ContainerizeException">The place does not take it.</exception>
    /// <exception cref="Registries.RegistryException">Another registry, which the base's layers come from, does not answer.</exception>
    /// <exception cref="InvalidDataException">A layer has other bytes than its descriptor says.</exception>
    Task UploadAsync(CancellationToken cancellationToken);

    /// <summary>Makes the image visible under its tags.</summary>
    /// <param name="tags">The tags, in the order in which they are put.</param>
    /// <param name="arrived">Is told each name that can be used from now on.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What the user reads of it: names with the digest, where it is, how to load it.</returns>
    /// <exception cref="ContainerizeException">The place does not take it.</exception>
    /// <exception cref="Registries.RegistryException">Another registry, which the base's layers come from, does not answer.</exception>
    /// <exception cref="InvalidDataException">A layer has other bytes than its descriptor says.</exception>
    Task<string> CommitAsync(IReadOnlyList<string> tags, Action<string> arrived, CancellationToken cancellationToken);
}

namespace Containerize.Registries;

/// <summary>Why a registry does not take something, as far as its answer tells.</summary>
public enum RefusalReason
{
    /// <summary>It does not tell, or nothing that is known here.</summary>
    Unknown,

    /// <summary>
    /// The repository, or the project that it belongs to, is not there, and pushing does not create it (Amazon ECR, Harbor, Google).
    /// </summary>
    RepositoryMissing,

    /// <summary>The tag names something already, and is kept from moving.</summary>
    TagImmutable,

    /// <summary>
    /// The image lists something that the registry does not have: it serves an image of which it has lost a part, or is slow to see what it
    /// was sent.
    /// </summary>
    PartMissing,

    /// <summary>There is no room left for the repository's owner, or on the registry's disk.</summary>
    QuotaExceeded,

    /// <summary>The registry, or the repository, takes nothing at all at the moment.</summary>
    ReadOnly,

    /// <summary>Too much was asked for lately.</summary>
    RateLimited,

    /// <summary>A single request was larger than is accepted.</summary>
    TooLarge,
}

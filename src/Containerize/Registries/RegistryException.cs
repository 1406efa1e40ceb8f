using System.Net;

namespace Containerize.Registries;

/// <summary>The kinds of failure that a caller tells apart.</summary>
public enum RegistryFailure
{
    /// <summary>No connection came about, or it broke.</summary>
    Unreachable,

    /// <summary>The registry was silent for too long.</summary>
    TimedOut,

    /// <summary>401: credentials are missing or wrong.</summary>
    Unauthorized,

    /// <summary>403: the credentials are not allowed to do this.</summary>
    Denied,

    /// <summary>404: the registry does not have it.</summary>
    NotFound,

    /// <summary>Any other answer that is no success.</summary>
    Rejected,

    /// <summary>The registry names an address that it must not lead to.</summary>
    Misdirected,

    /// <summary>What came does not match its digest, its size or the protocol.</summary>
    InvalidContent,

    /// <summary>This machine's configuration does not let the registry be asked; nothing was sent.</summary>
    Forbidden,

    /// <summary>Credentials are configured but cannot be read.</summary>
    Credentials,
}

/// <summary>A registry did not do what it was asked for. The message is made for the user and never holds a credential.</summary>
internal sealed class RegistryException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="failure">Its kind.</param>
    /// <param name="message">Whole sentences: what was asked, of whom, and what came back.</param>
    /// <param name="registry">The registry, as it is named in references.</param>
    /// <param name="repository">The repository, where one is concerned.</param>
    /// <param name="status">The status, where an answer came.</param>
    /// <param name="inner">The cause.</param>
    public RegistryException(
        RegistryFailure failure,
        string message,
        string registry,
        string? repository = null,
        HttpStatusCode? status = null,
        Exception? inner = null)
        : base(message, inner)
    {
        Failure = failure;
        Registry = registry;
        Repository = repository;
        Status = status;
    }

    /// <summary>The kind of failure.</summary>
    public RegistryFailure Failure { get; }

    /// <summary>The registry, as it is named in references.</summary>
    public string Registry { get; }

    /// <summary>The repository, where one is concerned.</summary>
    public string? Repository { get; }

    /// <summary>The registry's status; null where no answer came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The codes of the registry's answer, such as <c>NAME_UNKNOWN</c>; none where it named none.</summary>
    public IReadOnlyList<string> Codes { get; init; } = [];

    /// <summary>Whether credentials were sent; otherwise none were found for the registry.</summary>
    public bool HasLogin { get; init; }

    /// <summary>Why the registry refuses it, as far as it tells.</summary>
    public RefusalReason Reason { get; init; }
}

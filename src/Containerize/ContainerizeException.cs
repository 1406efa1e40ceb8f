namespace Containerize;

/// <summary>
/// A failure that the user is told about: a code, and a sentence that says what happened, where, and what
/// to do next. Never holds a credential.
/// </summary>
internal sealed class ContainerizeException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="code">One of <see cref="ErrorCodes"/>.</param>
    /// <param name="message">What happened, to which image, file or host, and what to do next.</param>
    /// <param name="inner">The cause, for the detailed log only.</param>
    public ContainerizeException(string code, string message, Exception? inner = null)
        : base(message, inner) => Code = code;

    /// <summary>One of <see cref="ErrorCodes"/>.</summary>
    public string Code { get; }
}

namespace Containerize.Checks;

/// <summary>What becomes of what does not fit.</summary>
public enum CheckSeverity
{
    /// <summary>It is said, and the image is published all the same.</summary>
    Warn,

    /// <summary>The build ends before anything is published.</summary>
    Error,

    /// <summary>Nothing is checked.</summary>
    None,
}

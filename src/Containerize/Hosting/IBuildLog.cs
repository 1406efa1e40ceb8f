namespace Containerize.Hosting;

/// <summary>What a build says while it works.</summary>
internal interface IBuildLog
{
    /// <summary>Warns with a code from <see cref="ErrorCodes"/>.</summary>
    void Warn(string code, string message);

    /// <summary>Reports what people should see without asking for more.</summary>
    void Tell(FormattableString message);

    /// <summary>Reports normal progress.</summary>
    void Inform(FormattableString message);

    /// <summary>Reports details.</summary>
    void Trace(string message);
}

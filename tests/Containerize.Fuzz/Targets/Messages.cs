namespace Containerize.Fuzz.Targets;

/// <summary>What is expected of messages, since damaged inputs get into them.</summary>
internal static class Messages
{
    private const int Longest = 4000;

    /// <summary>Throws where a message may do harm to a terminal or a log.</summary>
    public static void Check(Exception exception)
    {
        if (exception.Message.Any(char.IsControl))
            throw new InvalidOperationException("A message has control characters.", exception);
        if (exception.Message.Length > Longest)
            throw new InvalidOperationException("A message is as long as a document.", exception);
    }
}

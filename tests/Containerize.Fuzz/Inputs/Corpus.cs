namespace Containerize.Fuzz.Inputs;

/// <summary>What a target starts from: inputs that mean something, in <c>Corpus/TARGET</c>.</summary>
internal static class Corpus
{
    /// <summary>The inputs of a target, in the order of their names.</summary>
    public static IReadOnlyList<byte[]> Of(string target) =>
        [.. Directory.GetFiles(
            Path.Combine(AppContext.BaseDirectory, "Corpus", target)).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
}

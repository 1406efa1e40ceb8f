using Containerize.Fuzz.Targets;

namespace Containerize.Fuzz.Inputs;

/// <summary>An input that a target did not bear.</summary>
/// <param name="Number">Its number in the run.</param>
/// <param name="Input">The input.</param>
/// <param name="Exception">What was thrown.</param>
internal sealed record Crash(int Number, byte[] Input, Exception Exception);

/// <summary>Inputs that follow from a seed, the corpus itself first.</summary>
internal sealed class RandomRun(Target target, IReadOnlyList<byte[]> corpus, int seed)
{
    /// <summary>Runs the target on the corpus and on so many inputs besides; null where it bears them all.</summary>
    public Crash? Find(int count)
    {
        var random = new Random(seed);
        var mutator = new Mutator(corpus, random);
        for (var i = 0; i < corpus.Count + count; i++)
        {
            var input = i < corpus.Count ? corpus[i] : mutator.Next();
            // Checksums guard some formats, and by chance none would ever be right. Wrong ones belong to the inputs too.
            if (i >= corpus.Count && target.Repair is { } repair && random.Next(4) > 0)
                repair(input);
            try
            {
                target.Run(input);
            }
            catch (Exception e)
            {
                return new Crash(i, input, e);
            }
        }

        return null;
    }
}

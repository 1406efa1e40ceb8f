using System.Diagnostics;
using System.Globalization;
using CsCheck;

namespace Containerize.Tests.Support;

/// <summary>Properties: what holds for everything that a generator makes.</summary>
internal static class Property
{
    // Any number: it makes the runs repeatable.
    private const ulong Seed = 20;

    private static readonly string[] Asking = ["CsCheck_Iter", "CsCheck_Seed"];

    // CsCheck's own, CsCheck_Time, does not end on one thread (5.0.1).
    private const string Seconds = "PROPERTY_SECONDS";

    private const int Batch = 1000;

    // For a failure, to find a smaller one.
    private const int Attempts = 2000;

    /// <summary>
    /// Checks a property on cases that are the same in each run, since a test that fails by chance is of no use in CI. A failure is shrunk,
    /// and tells its seed. The variable <c>CsCheck_Iter</c> asks for so many new cases besides, <c>PROPERTY_SECONDS</c> for new ones for
    /// so many seconds, <c>CsCheck_Seed</c> for one of before.
    /// </summary>
    /// <param name="gen">Makes cases.</param>
    /// <param name="check">Throws where the property does not hold.</param>
    /// <param name="cases">How many.</param>
    public static void Holds<T>(this Gen<T> gen, Action<T> check, int cases = 300)
    {
        for (uint i = 0; i < cases; i++)
        {
            var seed = new PCG(i, Seed).ToString();
            try
            {
                gen.Sample(check, seed: seed, iter: 1, threads: 1);
            }
            catch (CsCheckException)
            {
                gen.Sample(check, seed: seed, iter: Attempts, threads: 1);
                throw;
            }
        }

        if (Array.Exists(Asking, name => Environment.GetEnvironmentVariable(name) is not null))
            gen.Sample(check, threads: 1);
        if (!double.TryParse(Environment.GetEnvironmentVariable(Seconds), CultureInfo.InvariantCulture, out var seconds))
            return;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
            gen.Sample(check, iter: Batch, threads: 1);
    }
}

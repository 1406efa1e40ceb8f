using System.Globalization;
using Containerize.Fuzz.Inputs;
using Containerize.Fuzz.Targets;
using Containerize.Fuzz.Worst;
using SharpFuzz;

namespace Containerize.Fuzz;

/// <summary>The command line; see docs/testing.md.</summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case ["worst", "write" or "read", _, _]:
                return WorstTable.RunOne(arguments[1], arguments[2], arguments[3]);
            case ["worst", ..]:
                return WorstTable.Print(arguments[1..]);
        }

        if (arguments.Length == 0 || All.Find(arguments[0]) is not { } target)
        {
            Console.Error.WriteLine($"The first argument names the target: {string.Join(", ", All.Targets.Select(known => known.Name))}.");
            return 2;
        }

        switch (arguments[1..])
        {
            case ["--random", var count, .. var rest] when int.TryParse(
                count, NumberStyles.None, CultureInfo.InvariantCulture, out var inputs) && Seed(rest) is { } seed:
                return Random(target, inputs, seed);
            case [] when IsSet("__LIBFUZZER_SHM_ID"):
                Fuzzer.LibFuzzer.Run(input => target.Run(input.ToArray()));
                return 0;
            case []:
                // AFL++'s; without it, what comes by the standard input.
                Fuzzer.OutOfProcess.Run(input => target.Run(ToArray(input)));
                return 0;
            case var files when Array.TrueForAll(files, File.Exists):
                foreach (var file in files)
                    target.Run(File.ReadAllBytes(file));
                return 0;
            default:
                Console.Error.WriteLine("After the target comes --random COUNT [--seed N], or files that are there.");
                return 2;
        }
    }

    private static int Random(Target target, int count, int seed)
    {
        Console.WriteLine($"{target.Name}: {count} inputs, --seed {seed}");
        if (new RandomRun(target, Corpus.Of(target.Name), seed).Find(count) is not { } crash)
            return 0;
        var file = Path.GetFullPath($"crash-{target.Name}-{seed}-{crash.Number}");
        File.WriteAllBytes(file, crash.Input);
        Console.Error.WriteLine($"Input {crash.Number} is in {file}.\n{crash.Exception}");
        return 1;
    }

    private static int? Seed(string[] arguments) => arguments switch
    {
        [] => Environment.TickCount & int.MaxValue,
        ["--seed", var text] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seed) => seed,
        _ => null,
    };

    private static bool IsSet(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 };

    private static byte[] ToArray(Stream input)
    {
        using var bytes = new MemoryStream();
        input.CopyTo(bytes);
        return bytes.ToArray();
    }
}

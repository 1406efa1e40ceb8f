namespace Containerize.Benchmarks.Cases;

/// <summary>1 GB of files that do not compress, as weights do not: the same bytes each time.</summary>
public static class ModelFiles
{
    private const int Count = 4;
    private const int Chunk = 1024 * 1024;
    private const int ChunksPerFile = 256;

    /// <summary>Writes them, unless they are there.</summary>
    public static void Write(string folder)
    {
        if (File.Exists(PathOf(folder, Count)))
            return;
        Directory.CreateDirectory(folder);
        var random = new Random(20261128);
        var buffer = new byte[Chunk];
        for (var number = 1; number <= Count; number++)
        {
            using var file = File.Create(PathOf(folder, number));
            for (var chunk = 0; chunk < ChunksPerFile; chunk++)
            {
                random.NextBytes(buffer);
                file.Write(buffer);
            }
        }
    }

    private static string PathOf(string folder, int number) => Path.Combine(folder, $"model-{number}.bin");
}

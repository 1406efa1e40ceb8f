using System.Diagnostics;
using System.Globalization;

namespace Containerize.Fuzz.Worst;

/// <summary>Reads each worst case in a process of its own, and prints what it took as a table.</summary>
internal static class WorstTable
{
    private static readonly TimeSpan LongestRun = TimeSpan.FromMinutes(10);

    /// <summary>Prints the table of all cases, or of some.</summary>
    public static int Print(string[] names)
    {
        Console.WriteLine("| Input | Bytes | Peak memory | Time | What comes of it |\n|---|---:|---:|---:|---|");
        foreach (var known in WorstCases.All.Where(known => names.Length == 0 || names.Contains(known.Name)))
        {
            var folder = Directory.CreateTempSubdirectory("containerize-worst-").FullName;
            try
            {
                Run("write", known.Name, folder);
                var size = new FileInfo(Path.Combine(folder, "input")).Length;
                Console.WriteLine($"| {known.What} (`{known.Name}`) | {Size(size)} | {Run("read", known.Name, folder)} |");
            }
            finally
            {
                Directory.Delete(folder, recursive: true);
            }
        }

        return 0;
    }

    /// <summary>What the processes do that <see cref="Print"/> starts.</summary>
    public static int RunOne(string step, string name, string folder)
    {
        var known = WorstCases.All.Single(known => known.Name == name);
        var input = Path.Combine(folder, "input");
        if (step == "write")
        {
            using var file = File.Create(input);
            known.Write(file);
            return 0;
        }

        var clock = Stopwatch.StartNew();
        string outcome;
        try
        {
            outcome = known.Read(input, folder).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or ContainerizeException)
        {
            outcome = e.Message.Replace(folder, "", StringComparison.Ordinal).Replace(Environment.NewLine, " ", StringComparison.Ordinal);
        }

        clock.Stop();
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Size(process.PeakWorkingSet64)} | {clock.Elapsed.TotalSeconds:0.0} s | {outcome}"));
        return 0;
    }

    private static string Run(string step, string name, string folder)
    {
        var host = Environment.ProcessPath!;
        var start = new ProcessStartInfo(host) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(host) == "dotnet")
            start.ArgumentList.Add(typeof(WorstTable).Assembly.Location);
        foreach (var argument in new[] { "worst", step, name, folder })
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        if (process.WaitForExit(LongestRun))
            return output.Result.Trim().ReplaceLineEndings("; ");
        var peak = process.PeakWorkingSet64;
        process.Kill();
        return $"{Size(peak)} | > {LongestRun.TotalSeconds} s | ended";
    }

    private static string Size(long bytes) =>
        bytes < 10_000 ? $"{bytes} B" : bytes < 1_000_000 ? $"{bytes / 1000} KB" : $"{bytes / 1_000_000} MB";
}

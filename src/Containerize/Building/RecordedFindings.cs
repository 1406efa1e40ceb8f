using System.Security.Cryptography;
using System.Text;
using Containerize.Checks;
using Containerize.Checks.Elf;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;

namespace Containerize.Building;

/// <summary>
/// What <see cref="FitCheck"/> has found, in a file, for as long as nothing changes that it looks at: managed code is not among that, so
/// one that was compiled anew need not have the base's files read and the image's put together. The findings are told each time.
/// </summary>
internal sealed class RecordedFindings
{
    // Bytes. Native programs just now compiled are large, and read as fast as they are checked.
    private const long MaxContentBytes = 256 * 1024 * 1024;

    private const int Executable = 0b001_001_001;

    private const char Separator = '\0';

    private const string End = "end";

    private readonly string _path;

    /// <summary>Names the file, which need not be there.</summary>
    public RecordedFindings(string path) => _path = path;

    /// <summary>Whether there is a record, of this check or of another one.</summary>
    public bool Exist => File.Exists(_path);

    /// <summary>What a check of this would look at; null where that cannot be told.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="planId">Another one for each plan.</param>
    /// <param name="baseImage">The base's manifest.</param>
    /// <param name="now">The time.</param>
    public static Digest? KeyOf(ImagePlan plan, string planId, Digest baseImage, DateTimeOffset now)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        // Other rules find something else.
        hash.AppendData(
            Encoding.UTF8.GetBytes($"{typeof(FitCheck).Module.ModuleVersionId}\n{baseImage}\n{MachineRun.Identify()}\n{planId}\n"));
        var budget = MaxContentBytes;
        try
        {
            var named = FitCheck.NamesIn(plan);
            foreach (var entry in plan.Layers.SelectMany(layer => layer.Entries))
            {
                // /etc/passwd may be anything then.
                if (entry.Kind == LayerEntryKind.SymbolicLink && entry.Path.StartsWith("etc/", StringComparison.Ordinal))
                    return null;
                if (entry.Kind != LayerEntryKind.File || !IsLookedInto(entry, named))
                    continue;

                if (LayerStamp.OfFile(entry.Source, now, ref budget) is not { } file)
                    return null;
                hash.AppendData(Encoding.UTF8.GetBytes(file + "\n"));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }

        return Digest.FromHash(hash.GetHashAndReset());
    }

    /// <summary>What was found; null where this has not been looked at.</summary>
    public async Task<FitResult?> FindAsync(Digest key, CancellationToken cancellationToken)
    {
        if (!Exist)
            return null;
        var parts = (await File.ReadAllTextAsync(_path, cancellationToken).ConfigureAwait(false)).Split(Separator);
        // One that was cut off lacks its end.
        if (parts.Length < 3 || parts.Length % 3 != 0 || parts[0] != key.ToString() || parts[^1] != End)
            return null;
        var findings = new List<Finding>();
        for (var i = 2; i < parts.Length - 1; i += 3)
            findings.Add(new Finding(parts[i], parts[i + 1], parts[i + 2]));
        return new FitResult(findings, parts[1].Length == 0 ? null : parts[1], FitSource.Record);
    }

    /// <summary>Notes what was found, in place of what was before.</summary>
    public Task WriteAsync(Digest key, FitResult result, CancellationToken cancellationToken) => AtomicFile.WriteAsync(
        _path,
        Encoding.UTF8.GetBytes(string.Join(
            Separator,
            [key.ToString(), result.Label ?? "", .. result.Findings.SelectMany(
                finding => new[] { finding.Code, finding.Summary, finding.Message }), End])),
        cancellationToken);

    // Of others, the rules ask only whether they are there, and where.
    private static bool IsLookedInto(LayerEntry entry, HashSet<string> named) =>
        ElfFile.IsWorthOpening(entry.Path) || (entry.Mode & Executable) != 0 || named.Contains(Path.GetFileName(entry.Path));
}

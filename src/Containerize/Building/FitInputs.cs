using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Containerize.Checks;
using Containerize.Checks.Elf;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Planning.Settings;

namespace Containerize.Building;

/// <summary>
/// What <see cref="FitCheck"/> looks at, as a hash that is the same on every machine: the base's digest, what the application needs, the
/// settings that rules read, the names and modes of its files, and of native files the facts of their headers. Content of managed code is
/// not among that.
/// </summary>
internal static class FitInputs
{
    /// <summary>
    /// Another number where rules find something else than before in the same inputs: then images are checked again. A test compares it
    /// with the sources of the rules.
    /// </summary>
    public const int RulesVersion = 1;

    // Longer than any path of an interpreter with its argument (BINPRM_BUF_SIZE of Linux).
    private const int FirstLineLength = 256;

    private const int Executable = 0b001_001_001;

    /// <summary>The hash; null where the inputs cannot be told.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="config">The image's config.</param>
    /// <param name="baseManifest">The base's manifest.</param>
    public static Digest? Of(ImagePlan plan, ImageConfig config, Digest baseManifest)
    {
        using var hash = new Hash();
        hash.Add("rules", RulesVersion.ToString(CultureInfo.InvariantCulture));
        hash.Add("base", baseManifest.ToString(), plan.RuntimeIdentifier, plan.Platform.ToString());
        Add(hash, plan.Needs);
        Add(hash, plan, config);
        var named = FitCheck.NamesIn(plan);
        try
        {
            return plan.Layers.All(layer => Add(hash, layer, named)) ? hash.Finish() : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Add(Hash hash, ApplicationNeeds needs)
    {
        foreach (var framework in needs.Frameworks)
            hash.Add("framework", framework.Name, framework.Version, framework.RollForward);
        hash.Add(
            "needs",
            $"{needs.IsSelfContained} {needs.IsSingleFile} {needs.IsNativeAot} {needs.UsesIcu} {needs.BringsIcu} "
                + $"{needs.InvariantGlobalization}",
            needs.OpenSslUser,
            needs.TlsClient,
            needs.TimeZoneUser);
    }

    private static void Add(Hash hash, ImagePlan plan, ImageConfig config)
    {
        hash.Add("config", config.User, config.WorkingDirectory, FitCheck.TakesAway(plan).ToString());
        hash.Add("entrypoint", [.. config.Entrypoint ?? []]);
        hash.Add("command", [.. config.Command ?? []]);
        hash.Add("healthcheck", [.. config.HealthcheckTest]);
        hash.Add("shell", [.. config.Shell]);
        hash.Add("volumes", [.. config.Volumes.Order(StringComparer.Ordinal)]);
        foreach (var (name, value) in CheckedVariables.In(config.Environment))
            hash.Add("variable", name, value);
        var (ports, noPorts) = FitCheck.PortsOf(plan, config);
        hash.Add("ports", [.. ports]);
        foreach (var (name, value) in noPorts)
            hash.Add("no port", name, value);
    }

    private static bool Add(Hash hash, LayerPlan layer, HashSet<string> named)
    {
        foreach (var entry in layer.Entries)
        {
            // /etc/passwd may be anything then.
            if (entry.Kind == LayerEntryKind.SymbolicLink && entry.Path.StartsWith("etc/", StringComparison.Ordinal))
                return false;
            var name = entry.Path[(entry.Path.LastIndexOf('/') + 1)..];
            // What a web server sends has its content's hash in its name, and no rule looks for it.
            if (entry.TimeFromContent && !named.Contains(name))
                continue;
            hash.Add(
                entry.Kind.ToString(),
                entry.Path,
                Convert.ToString(entry.Mode, 8),
                entry.Kind == LayerEntryKind.SymbolicLink ? entry.Source : null);
            if (entry.Kind == LayerEntryKind.File)
                AddContent(hash, entry, name, isRuntime: layer.Name == FitCheck.RuntimeLayer, isNamed: named.Contains(name));
        }

        return true;
    }

    private static void AddContent(Hash hash, LayerEntry entry, string name, bool isRuntime, bool isNamed)
    {
        if (name is "passwd" or "group")
            hash.Add(
                "text", ForeignFile.Read(entry.Source, Limits.TextBytes) is { } text ? Convert.ToHexString(SHA256.HashData(text)) : null);
        if (!isRuntime && ElfFile.IsWorthOpening(entry.Path) && ElfFile.Read(entry.Source) is { } elf)
            Add(hash, elf);
        else if (isNamed || (entry.Mode & Executable) != 0)
            hash.Add("first line", FirstLine(entry.Source));
    }

    private static void Add(Hash hash, ElfFile elf)
    {
        hash.Add(
            "elf",
            $"{elf.Type} {elf.Machine} {elf.Is64} {elf.IsBigEndian} {elf.IsPie}",
            elf.Interpreter,
            elf.SoName,
            elf.RPath,
            elf.RunPath);
        hash.Add("needed", [.. elf.Needed]);
        foreach (var need in elf.VersionNeeds)
            hash.Add("versions", [need.File, .. need.Versions]);
    }

    // Of a script; empty for all else, whose content no rule reads.
    private static string FirstLine(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        Span<byte> start = stackalloc byte[FirstLineLength];
        start = start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        if (!start.StartsWith("#!"u8))
            return "";
        var end = start.IndexOf((byte)'\n');
        return Encoding.UTF8.GetString(end < 0 ? start : start[..end]);
    }

    // Lengths in front, so that no two lists of texts are the same bytes.
    private sealed class Hash : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

        public void Add(string what, params ReadOnlySpan<string?> values)
        {
            Add(what);
            Add(values.Length.ToString(CultureInfo.InvariantCulture));
            foreach (var value in values)
                Add(value);
        }

        public Digest Finish() => Digest.FromHash(_hash.GetHashAndReset());

        public void Dispose() => _hash.Dispose();

        private void Add(string? text)
        {
            var bytes = Encoding.UTF8.GetBytes(text ?? "");
            Span<byte> length = stackalloc byte[sizeof(int)];
            BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
            _hash.AppendData(length);
            _hash.AppendData(bytes);
        }
    }
}

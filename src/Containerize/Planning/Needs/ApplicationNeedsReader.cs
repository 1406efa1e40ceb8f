using Containerize.Checks;
using Containerize.Checks.Elf;
using Containerize.Layers;
using Containerize.Planning.Published;

namespace Containerize.Planning.Needs;

/// <summary>Where a published application tells what it needs.</summary>
internal sealed record PublishedApplication
{
    /// <summary>The publish folder's full path.</summary>
    public required string PublishFolder { get; init; }

    /// <summary>
    /// The project's <c>runtimeconfig.json</c>, published or not: single files and native programs have it inside. Null where the
    /// project has none.
    /// </summary>
    public string? RuntimeConfigPath { get; init; }

    /// <summary>What the build knows of the published files, those inside of a single file among them.</summary>
    public required IReadOnlyList<PublishItem> Items { get; init; }

    /// <summary>Which runtime identifiers' files are in the image.</summary>
    public required RuntimeIdentifierGraph Runtimes { get; init; }

    /// <summary>The layers of the image.</summary>
    public required IReadOnlyList<LayerPlan> Layers { get; init; }

    /// <summary>Whether it is native code.</summary>
    public bool IsNativeAot { get; init; }

    /// <summary>Whether it is one file.</summary>
    public bool IsSingleFile { get; init; }
}

/// <summary>Reads from published files what they need of the image that they will run in. What cannot be read is not needed.</summary>
internal static class ApplicationNeedsReader
{
    private const int Chunk = 1024 * 1024;

    // Can ask the system for time zones, but brings all of them along and uses those unless told otherwise.
    private static readonly string[] WithTimeZones = ["NodaTime.dll"];

    /// <summary>What the application needs.</summary>
    public static ApplicationNeeds Read(PublishedApplication application)
    {
        var config = ConfigFiles(application).Select(RuntimeConfig.Read).FirstOrDefault(read => read is not null);
        var frameworks = config?.Frameworks ?? [];
        var needs = new ApplicationNeeds
        {
            Frameworks = frameworks,
            IsSelfContained = application.IsNativeAot || config is { IncludesFrameworks: true },
            IsSingleFile = application.IsSingleFile,
            IsNativeAot = application.IsNativeAot,
            // Without the file the kind of program is unknown.
            UsesIcu = config is not null,
            InvariantGlobalization = config?.Switch("System.Globalization.Invariant"),
            BringsIcu = config?.Properties.ContainsKey("System.Globalization.AppLocalIcu") is true,
            OpenSslUser = frameworks.Any(framework => framework.Name == ApplicationNeeds.AspNetCore) ? "ASP.NET Core" : null,
        };
        needs = application.IsNativeAot ? WithProgram(needs, application) : needs;
        needs = WithAssemblies(needs, application);
        if (needs is { IsNativeAot: true, OpenSslUser: null })
            needs = needs with { TlsClient = null };
        return config?.Switch("System.TimeZoneInfo.Invariant") is true ? needs with { TimeZoneUser = null } : needs;
    }

    // The published one, which counts, lies in the publish folder under the same name; other programs' may lie there too.
    private static string[] ConfigFiles(PublishedApplication application)
    {
        if (!string.IsNullOrEmpty(application.RuntimeConfigPath))
            return [Path.Combine(
                application.PublishFolder, Path.GetFileName(application.RuntimeConfigPath)), application.RuntimeConfigPath];
        var published = Directory.GetFiles(application.PublishFolder, "*.runtimeconfig.json");
        return published.Length == 1 ? published : [];
    }

    // Native programs have what they use linked in: OpenSSL's and ICU's names are in those that would load them.
    private static ApplicationNeeds WithProgram(ApplicationNeeds needs, PublishedApplication application)
    {
        var program = application.Layers.SelectMany(layer => layer.Entries)
            .FirstOrDefault(
                entry =>
                    entry is { Kind: LayerEntryKind.File, Mode: LayerEntry.ExecutableMode }
                        && ElfFile.Read(entry.Source) is { IsProgram: true });
        return program is null
            ? needs with { UsesIcu = false, OpenSslUser = null }
            : needs with
            {
                UsesIcu = Holds(program.Source, "libicuuc"u8),
                OpenSslUser = Holds(program.Source, "libssl.so"u8) ? Path.GetFileName(program.Path) : null,
            };
    }

    private static ApplicationNeeds WithAssemblies(ApplicationNeeds needs, PublishedApplication application)
    {
        // The application itself first, packages last, so that messages name what their reader knows best.
        var assemblies = application.Items
            .Where(item => item.Origin is FileOrigin.Application or FileOrigin.ProjectReference or FileOrigin.Package
                && item.LeaveOut is null
                && application.Runtimes.Accepts(item.RuntimeIdentifier)
                && item.RelativePath.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                && !item.RelativePath.EndsWith(".resources.dll", StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(item => (int)item.Origin)
            .ThenBy(item => item.RelativePath, StringComparer.Ordinal);

        // Which of a native program's assemblies are left in it only the program knows.
        var open = application.IsNativeAot ? AssemblyUses.All & ~AssemblyUses.OpenSsl : AssemblyUses.All;
        if (needs.OpenSslUser is not null)
            open &= ~AssemblyUses.OpenSsl;
        foreach (var item in assemblies)
        {
            if (open == AssemblyUses.None)
                break;
            var name = Path.GetFileName(item.RelativePath);
            var uses = AssemblyReferences.Read(item.SourcePath) & open;
            if (WithTimeZones.Contains(name))
                uses &= ~AssemblyUses.TimeZones;
            open &= ~uses;
            if (uses.HasFlag(AssemblyUses.OpenSsl))
                needs = needs with { OpenSslUser = name };
            if (uses.HasFlag(AssemblyUses.TlsClient))
                needs = needs with { TlsClient = name };
            if (uses.HasFlag(AssemblyUses.TimeZones))
                needs = needs with { TimeZoneUser = name };
        }

        return needs;
    }

    private static bool Holds(string path, ReadOnlySpan<byte> text)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
            var buffer = new byte[Chunk];
            var kept = 0;
            while (file.ReadAtLeast(buffer.AsSpan(kept), buffer.Length - kept, throwOnEndOfStream: false) is > 0 and var read)
            {
                var known = buffer.AsSpan(0, kept + read);
                if (known.IndexOf(text) >= 0)
                    return true;
                // It may stand across two chunks.
                kept = Math.Min(text.Length - 1, known.Length);
                known[^kept..].CopyTo(buffer);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Building the layer reads it again, and reports.
        }

        return false;
    }
}

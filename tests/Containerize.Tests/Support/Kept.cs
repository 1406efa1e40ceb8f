using Containerize.Caches;
using Containerize.Files;

namespace Containerize.Tests.Support;

/// <summary>Caches in folders of a test.</summary>
internal static class Kept
{
    public static FileListCache Contents(string? folder, string fallback, TimeProvider clock) =>
        new(new LayerFacts(folder, fallback, FileListCache.Version, clock));
}

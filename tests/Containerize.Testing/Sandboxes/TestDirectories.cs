namespace Containerize.Testing;

/// <summary>Where tests write: below one directory per user in the machine's temporary directory, outside of the repository.</summary>
public static class TestDirectories
{
    private static readonly TimeSpan Age = TimeSpan.FromDays(1);
    private static readonly Lazy<string> LazyBase = new(CreateBase);
    private static readonly Lazy<string> LazyCache = new(CreateCache);

    /// <summary>The directory of everything below.</summary>
    public static string Base => LazyBase.Value;

    /// <summary>Packed packages, one directory per version.</summary>
    public static string Feeds => Path.Combine(Base, "feeds");

    /// <summary>One directory per <see cref="Sandbox"/>.</summary>
    public static string Sandboxes => Path.Combine(Base, "sandboxes");

    /// <summary>
    /// What builds keep for all projects of a user: of this test run alone, so that no run sees what other code has made.
    /// </summary>
    public static string Cache => LazyCache.Value;

    /// <summary>The global packages folders of the sandboxes, kept from run to run so that nothing is downloaded twice.</summary>
    public static string Packages => Path.Combine(Base, "packages");

    /// <summary>
    /// What packing builds, apart from the <c>bin</c> and <c>obj</c> that a developer or another test builds at the same time.
    /// </summary>
    public static string Artifacts => Path.Combine(Base, "artifacts");

    /// <summary>Creates a directory that nobody else uses.</summary>
    public static string CreateUnique(string parent, string name)
    {
        var path = Path.Combine(parent, $"{name}-{Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal)}");
        return Directory.CreateDirectory(path).FullName;
    }

    /// <summary>Deletes a directory as far as possible: a test that passed must not fail because something still holds a file.</summary>
    public static void TryDelete(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The next day's run deletes what is left.
        }
    }

    private static string CreateCache()
    {
        var cache = CreateUnique(Sandboxes, "cache");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => TryDelete(cache);
        return cache;
    }

    private static string CreateBase()
    {
        var root = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"containerize-tests-{Environment.UserName}")).FullName;
        DeleteOld(Path.Combine(root, "feeds"));
        DeleteOld(Path.Combine(root, "sandboxes"));
        foreach (var packages in Children(Path.Combine(root, "packages")))
            DeleteOld(Path.Combine(packages.FullName, PackedPackage.Id.ToLowerInvariant()));
        return root;
    }

    // What a crashed or kept run left. No test takes a day.
    private static void DeleteOld(string parent)
    {
        foreach (var child in Children(parent))
        {
            if (DateTime.UtcNow - child.LastWriteTimeUtc > Age)
                TryDelete(child.FullName);
        }
    }

    private static DirectoryInfo[] Children(string parent) =>
        Directory.Exists(parent) ? new DirectoryInfo(parent).GetDirectories() : [];
}

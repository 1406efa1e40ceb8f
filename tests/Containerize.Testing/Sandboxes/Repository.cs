namespace Containerize.Testing;

/// <summary>The working copy that the tests were built from.</summary>
public static class Repository
{
    private const string Marker = "Containerize.sln";

    private static readonly Lazy<string> LazyRoot = new(Find);

    /// <summary>The directory of <c>Containerize.sln</c>: above the tests, or what <c>CONTAINERIZE_TEST_REPOSITORY</c> says.</summary>
    public static string Root => LazyRoot.Value;

    /// <summary>The path of something in the repository.</summary>
    public static string PathOf(params ReadOnlySpan<string> parts) => Path.Combine([Root, .. parts]);

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("CONTAINERIZE_TEST_REPOSITORY") is { Length: > 0 } given)
            return Path.GetFullPath(given);

        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, Marker)))
                return directory.FullName;
        }

        throw new DirectoryNotFoundException(
            $"No directory above '{AppContext.BaseDirectory}' contains {Marker}. Set CONTAINERIZE_TEST_REPOSITORY to the root of the "
                + "repository.");
    }
}

namespace Containerize.Benchmarks.Cases;

/// <summary>
/// All cases, in the order in which they are measured and reported. Those that write most come last: long after, a system still gives back
/// and gets the memory and the blocks that they took.
/// </summary>
public static class BenchCases
{
    private const long Little = 100_000;

    /// <summary>The cases.</summary>
    public static IReadOnlyList<BenchCase> All { get; } =
    [
        new("unchanged", "Nothing changed")
        {
            HasDockerfile = true,
            IsPaired = true,
            Target = new Target(8, Up: 0, Requests: 3) { Whole = 0.150 },
        },
        new("line-no-build", "One line changed and built, `--no-build`")
        {
            ChangesLine = true,
            BuildsFirst = true,
            IsPaired = true,
            Target = new Target(5, Up: Little) { Whole = 0.250 },
        },
        new("line", "One line changed")
        {
            ChangesLine = true,
            HasDockerfile = true,
            Target = new Target(6, Up: Little),
        },
        new("fresh-machine", "Nothing changed, fresh machine without caches")
        {
            ForgetsMachine = true,
            Target = new Target(4, Up: 0),
        },
        new("fresh-machine-line", "One line changed, fresh machine without caches")
        {
            ForgetsMachine = true,
            ChangesLine = true,
            Target = new Target(4, Up: Little) { Down = Little },
        },
        new("self-contained-line", "Self-contained, one line changed")
        {
            IsSelfContained = true,
            ChangesLine = true,
            Target = new Target(20, Up: Little),
        },
        new("archive", "To a tar, one line changed")
        {
            Place = Place.Archive,
            ChangesLine = true,
            Target = new Target(3),
        },
        // Told of, not judged: under this name, the SDK writes a tar that is not compressed.
        new("archive-gz", "To a .tar.gz, one line changed (the SDK's is not compressed)")
        {
            Place = Place.GzipArchive,
            ChangesLine = true,
        },
        new("docker", "To Docker, which has the base, one line changed")
        {
            Place = Place.Docker,
            ChangesLine = true,
            Target = new Target(5),
        },
        new("self-contained", "Self-contained, all new")
        {
            IsSelfContained = true,
            ForgetsImage = true,
            Place = Place.NewRegistry,
            Target = new Target(2),
        },
        new("other-registry", "To another registry, which lacks the base")
        {
            Place = Place.OtherRegistry,
            Target = new Target(1.5),
        },
        new("models", "1 GB of model files, one line changed")
        {
            HasModels = true,
            ChangesLine = true,
            Target = new Target(50),
        },
    ];

    /// <summary>The cases of these names, or all where there are none.</summary>
    /// <exception cref="ArgumentException">There is no case of a name.</exception>
    public static IReadOnlyList<BenchCase> Named(IReadOnlyCollection<string> names)
    {
        if (names.FirstOrDefault(name => All.All(known => known.Name != name)) is { } unknown)
            throw new ArgumentException($"There is no case '{unknown}'; there are {string.Join(", ", All.Select(known => known.Name))}.");
        return names.Count == 0 ? All : [.. All.Where(known => names.Contains(known.Name))];
    }
}

using Containerize.Benchmarks.Cases;
using Containerize.Benchmarks.Measuring;

namespace Containerize.Benchmarks.Competitors;

/// <summary>A way to make a container image of a project.</summary>
public abstract class Competitor
{
    /// <summary>The name for folders, files and repositories.</summary>
    public abstract string Name { get; }

    /// <summary>The version of Containerize that its projects refer to; null where they do not.</summary>
    public virtual string? Package => null;

    /// <summary>Why it cannot be measured here; null where it can.</summary>
    public virtual string? WhyMissing => null;

    /// <summary>Whether a case is measured with it.</summary>
    public virtual bool TakesPart(BenchCase benchCase) => true;

    /// <summary>Publishes once.</summary>
    /// <exception cref="Exception">A command failed.</exception>
    public abstract Task<Run> RunAsync(BenchProject project, Route route);

    /// <summary>Removes what a case left outside of its project's folder.</summary>
    public virtual Task CleanUpAsync(BenchProject project) => Task.CompletedTask;
}

namespace Containerize.Benchmarks.Measuring;

/// <summary>
/// The time in which a target of the container step was the innermost one that ran in its project. MSBuild says that a target starts
/// once what it depends on is done, so targets nest only where a task calls them.
/// </summary>
public sealed class StepClock
{
    private readonly Dictionary<int, Project> _projects = [];
    private readonly List<(DateTime Start, DateTime End)> _segments = [];
    private readonly Dictionary<string, double> _targets = new(StringComparer.Ordinal);

    /// <summary>How many targets of the step run at the moment.</summary>
    public int Running { get; private set; }

    /// <summary>The time of each target in milliseconds.</summary>
    public IReadOnlyDictionary<string, double> Targets => _targets;

    /// <summary>A target starts.</summary>
    public void Start(int project, string target, bool isStep, DateTime time)
    {
        if (!_projects.TryGetValue(project, out var state))
            _projects[project] = state = new Project();
        Close(state, time);
        state.Open.Push((target, isStep));
        if (isStep)
            Running++;
    }

    /// <summary>The innermost target of a project ends.</summary>
    public void Finish(int project, DateTime time)
    {
        if (!_projects.TryGetValue(project, out var state) || state.Open.Count == 0)
            return;
        Close(state, time);
        if (state.Open.Pop().IsStep)
            Running--;
    }

    /// <summary>The time of the step; what two projects do at the same time counts once.</summary>
    public TimeSpan Total()
    {
        var total = TimeSpan.Zero;
        var reached = DateTime.MinValue;
        foreach (var (start, end) in _segments.Order())
        {
            if (end <= reached)
                continue;
            total += end - (start > reached ? start : reached);
            reached = end;
        }

        return total;
    }

    private void Close(Project state, DateTime time)
    {
        if (state.Open.TryPeek(out var innermost) && innermost.IsStep)
        {
            _segments.Add((state.Since, time));
            _targets[innermost.Name] = _targets.GetValueOrDefault(innermost.Name) + (time - state.Since).TotalMilliseconds;
        }

        state.Since = time;
    }

    private sealed class Project
    {
        public Stack<(string Name, bool IsStep)> Open { get; } = new();

        public DateTime Since { get; set; }
    }
}

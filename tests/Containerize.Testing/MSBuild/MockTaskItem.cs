using Microsoft.Build.Evaluation;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

namespace Containerize.Testing;

/// <summary>Short ways to write the items that a task is given.</summary>
public static class MockTaskItem
{
    /// <summary>An item with metadata.</summary>
    /// <param name="include">What the item is, literally.</param>
    /// <param name="metadata">Names and values, literally.</param>
    public static ITaskItem Create(string include, params IEnumerable<(string Name, string Value)> metadata)
    {
        // TaskItem takes what MSBuild would hand to it, where % and ; of a literal are escaped.
        var item = new TaskItem(ProjectCollection.Escape(include));
        foreach (var (name, value) in metadata)
            item.SetMetadata(name, ProjectCollection.Escape(value));
        return item;
    }

    /// <summary>Items without metadata.</summary>
    public static ITaskItem[] CreateAll(params IEnumerable<string> includes) => [.. includes.Select(include => Create(include))];
}

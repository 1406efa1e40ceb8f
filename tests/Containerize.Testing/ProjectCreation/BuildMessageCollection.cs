using System.Collections;
using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>The texts of the messages of a build, all of them or by importance.</summary>
public sealed class BuildMessageCollection : IReadOnlyCollection<string>
{
    private readonly BuildMessageEventArgsCollection events;

    internal BuildMessageCollection(BuildMessageEventArgsCollection events) => this.events = events;

    /// <inheritdoc/>
    public int Count => events.Count;

    /// <summary>Messages of high importance.</summary>
    public IReadOnlyCollection<string> High => Texts(events.High);

    /// <summary>Messages of normal importance.</summary>
    public IReadOnlyCollection<string> Normal => Texts(events.Normal);

    /// <summary>Messages of low importance.</summary>
    public IReadOnlyCollection<string> Low => Texts(events.Low);

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => Texts(events).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static List<string> Texts(IEnumerable<BuildMessageEventArgs> events) => [.. events.Select(e => e.Message ?? "")];
}

using System.Collections;
using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>The messages of a build, all of them or by importance.</summary>
public sealed class BuildMessageEventArgsCollection : IReadOnlyCollection<BuildMessageEventArgs>
{
    private readonly List<BuildMessageEventArgs> events;

    internal BuildMessageEventArgsCollection(IEnumerable<BuildMessageEventArgs> events) => this.events = [.. events];

    /// <inheritdoc/>
    public int Count => events.Count;

    /// <summary>Messages of high importance.</summary>
    public IReadOnlyCollection<BuildMessageEventArgs> High => Of(MessageImportance.High);

    /// <summary>Messages of normal importance.</summary>
    public IReadOnlyCollection<BuildMessageEventArgs> Normal => Of(MessageImportance.Normal);

    /// <summary>Messages of low importance.</summary>
    public IReadOnlyCollection<BuildMessageEventArgs> Low => Of(MessageImportance.Low);

    /// <inheritdoc/>
    public IEnumerator<BuildMessageEventArgs> GetEnumerator() => events.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private List<BuildMessageEventArgs> Of(MessageImportance importance) => events.FindAll(e => e.Importance == importance);
}

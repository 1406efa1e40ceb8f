using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;

namespace Containerize.Checks;

/// <summary>An image before it is published, and what is known of the application in it.</summary>
internal sealed record CheckedImage
{
    /// <summary>All of its files, the base's and its own.</summary>
    public required ImageTree Files { get; init; }

    /// <summary>Its config.</summary>
    public required ImageConfig Config { get; init; }

    /// <summary>Whether something of the base was taken away.</summary>
    public bool TakesAway { get; init; }

    /// <summary>What it runs on.</summary>
    public required Platform Platform { get; init; }

    /// <summary>What the application was published for.</summary>
    public required string RuntimeIdentifier { get; init; }

    /// <summary>The base's name, for messages.</summary>
    public required string BaseImage { get; init; }

    /// <summary>What the application expects of it.</summary>
    public required ApplicationNeeds Needs { get; init; }

    /// <summary>
    /// What the application, its projects and its packages bring. Not the runtime, which loads what it can and does without the rest.
    /// </summary>
    public required IReadOnlyList<LayerEntry> Own { get; init; }

    /// <summary>The ports that the application will listen on, such as <c>80/tcp</c>.</summary>
    public IReadOnlyList<string> Ports { get; init; } = [];

    /// <summary>The variables that the application takes its addresses from, and what is none in them.</summary>
    public IReadOnlyList<(string Variable, string Value)> NoPorts { get; init; } = [];
}

using Containerize.Images;

namespace Containerize.Stores;

/// <summary>How an image is called where there is no registry: in archives, layouts and engines.</summary>
/// <param name="Repository">For example <c>team/app</c>.</param>
/// <param name="Tags">Its tags, at least one.</param>
internal sealed record ImageNames(string Repository, IReadOnlyList<string> Tags)
{
    /// <summary>The short names, as <c>docker images</c> shows them.</summary>
    public IEnumerable<string> WithTags => Tags.Select(tag => $"{Repository}:{tag}");

    /// <summary>The tags behind the first one, for the end of a line of the log; empty where there is one alone.</summary>
    internal static string Also(IReadOnlyList<string> tags) => tags.Count > 1 ? $" (also {string.Join(", ", tags.Skip(1))})" : "";

    /// <summary>The full name of a tag, as containerd and podman store it: Docker Hub is what a name without a registry means.</summary>
    public string Full(string tag) =>
        ImageReference.TryParse($"{Repository}:{tag}", out var reference, out _) ? reference.ToString() : $"{Repository}:{tag}";
}

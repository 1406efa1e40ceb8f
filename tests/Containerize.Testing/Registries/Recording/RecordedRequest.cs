using System.Text.RegularExpressions;

namespace Containerize.Testing.Registries.Recording;

/// <summary>One request that arrived, and what became of it.</summary>
/// <param name="Method">GET, PUT and so on.</param>
/// <param name="Target">Path and query exactly as the client sent them.</param>
/// <param name="Headers">The request's headers; their names are compared without regard to case.</param>
/// <param name="BodyLength">How many bytes of the body the registry has read.</param>
/// <param name="Status">Of the response; null while there is none, and when the connection was cut before one.</param>
public sealed partial record RecordedRequest(
    string Method, string Target, IReadOnlyDictionary<string, string> Headers, long BodyLength, int? Status)
{
    /// <summary>The target without its query.</summary>
    public string Path => Target.Split('?', 2)[0];

    /// <summary>
    /// Method, target and status in a form that a test can compare whole:
    /// <c>PUT /v2/app/blobs/uploads/{id}?digest=sha256:… → 201</c>. The id of an upload and its state say nothing and are left out.
    /// </summary>
    public string Summary => $"{Method} {Normalised()} → {Status?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "cut"}";

    /// <summary>A header's value, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);

    /// <inheritdoc/>
    public override string ToString() => Summary;

    private string Normalised()
    {
        var target = UploadId().Replace(Target.Replace("%3A", ":", StringComparison.OrdinalIgnoreCase), "/blobs/uploads/{id}");
        return State().Replace(target, "$1").TrimEnd('?', '&');
    }

    [GeneratedRegex("/blobs/uploads/[^/?]+")]
    private static partial Regex UploadId();

    [GeneratedRegex("([?&])_state=[^&]*&?")]
    private static partial Regex State();
}

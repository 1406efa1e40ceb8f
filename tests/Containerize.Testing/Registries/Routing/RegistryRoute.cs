using System.Text.RegularExpressions;

namespace Containerize.Testing.Registries.Routing;

/// <summary>What a path of the registry's API is about (distribution-spec, "Endpoints").</summary>
internal enum RouteKind
{
    Ping,
    Blob,
    UploadStart,
    Upload,
    Manifest,
    Tags,
    Referrers,
}

/// <summary>A path taken apart.</summary>
/// <param name="Kind">Which endpoint.</param>
/// <param name="Repository">The repository's name; empty for the ping.</param>
/// <param name="Reference">Digest, tag or id of the upload; empty where there is none.</param>
internal sealed partial record RegistryRoute(RouteKind Kind, string Repository = "", string Reference = "")
{
    /// <summary>Throws 404 for a path that is none of the API's, and 400 for a name that is none.</summary>
    public static RegistryRoute Parse(string path)
    {
        if (path == "/v2/")
            return new RegistryRoute(RouteKind.Ping);
        var match = Pattern().Match(path);
        if (!match.Success)
            throw RegistryException.NotFound("UNSUPPORTED", $"There is nothing at {path}.");
        var repository = match.Groups["name"].Value;
        if (!Name().IsMatch(repository))
            throw RegistryException.Bad("NAME_INVALID", $"'{repository}' is not a repository's name.");

        var reference = match.Groups["reference"].Value;
        return match.Groups["kind"].Value switch
        {
            "blobs/uploads" when reference.Length == 0 => new RegistryRoute(RouteKind.UploadStart, repository),
            "blobs/uploads" => new RegistryRoute(RouteKind.Upload, repository, reference),
            "blobs" when reference.Length > 0 => new RegistryRoute(RouteKind.Blob, repository, reference),
            "manifests" when reference.Length > 0 => new RegistryRoute(RouteKind.Manifest, repository, reference),
            "referrers" when reference.Length > 0 => new RegistryRoute(RouteKind.Referrers, repository, reference),
            "tags" when reference == "list" => new RegistryRoute(RouteKind.Tags, repository),
            _ => throw RegistryException.NotFound("UNSUPPORTED", $"There is nothing at {path}."),
        };
    }

    // A repository may have a part called "blobs" itself: the reference has no slash, so the last such part decides.
    [GeneratedRegex(@"\A/v2/(?<name>.+?)/(?<kind>blobs/uploads|blobs|manifests|tags|referrers)/(?<reference>[^/]*)\z")]
    private static partial Regex Pattern();

    // distribution-spec, "Pulling manifests": the grammar of <name>.
    [GeneratedRegex(@"\A[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*\z")]
    private static partial Regex Name();
}

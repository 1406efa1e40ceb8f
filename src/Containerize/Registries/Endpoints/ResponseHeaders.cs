using Containerize.Images;

namespace Containerize.Registries.Endpoints;

/// <summary>Headers as they were sent: .NET's typed ones throw or vanish where a server is sloppy.</summary>
internal static class ResponseHeaders
{
    extension(HttpResponseMessage response)
    {
        /// <summary>The media type without parameters, in lower case.</summary>
        public string? MediaType =>
            response.Content.Headers.NonValidated.TryGetValues("Content-Type", out var values)
                ? values.ToString().Split(';')[0].Trim().ToLowerInvariant() : null;

        /// <summary>The digest that the registry claims; null where there is none or one of another algorithm.</summary>
        public Digest? ContentDigest =>
            response.Headers.NonValidated.TryGetValues("Docker-Content-Digest", out var values)
            && Digest.TryParse(values.ToString().Trim(), out var digest) ? digest : null;

        /// <summary>The tags that a registry has put with a manifest: a header for each, or one for all.</summary>
        public IReadOnlyList<string> Tags => response.Headers.NonValidated.TryGetValues("OCI-Tag", out var values)
            ? values.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];

        /// <summary>The Link headers, as one.</summary>
        public string? Link => response.Headers.NonValidated.TryGetValues("Link", out var values) ? values.ToString() : null;

        /// <summary>Where a redirect or an upload goes on, unresolved.</summary>
        public string? Location => response.Headers.NonValidated.TryGetValues("Location", out var values) ? values.ToString() : null;
    }
}

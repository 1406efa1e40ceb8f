using System.Net;

namespace Containerize.Registries.Endpoints;

/// <summary>
/// Reads from an answer why a registry refuses something. Statuses and codes differ from one to the next; the words hardly do.
/// </summary>
internal static class RefusalReasons
{
    public static RefusalReason Of(HttpMethod method, HttpStatusCode status, ErrorAnswer said, RegistryCall call)
    {
        if (call.Access == RegistryAccess.Push)
        {
            // ECR: 400 "…because the tag is immutable"; Harbor: 412 "configured as immutable"; Google: 400 "…has enabled tag immutability".
            if (Says("immutab"))
                return RefusalReason.TagImmutable;
            // Quay: 403 "Quota has been exceeded"; Harbor: 403 "…will exceed the configured upper limit of …".
            if (status == HttpStatusCode.InsufficientStorage || Says("quota") || Says("configured upper limit"))
                return RefusalReason.QuotaExceeded;
            // registry 2 with storage.maintenance.readonly, and as a pull-through cache: 405. Harbor and Quay: in words.
            if (Says("read only") || Says("read-only") || Says("readonly")
                || (status == HttpStatusCode.MethodNotAllowed && method != HttpMethod.Get && method != HttpMethod.Head))
                return RefusalReason.ReadOnly;
            // Harbor names the project, and says NOT_FOUND.
            if (status == HttpStatusCode.NotFound
                && (said.Codes.Contains("NAME_UNKNOWN") || (said.Codes.Contains("NOT_FOUND") && Says("project"))))
                return RefusalReason.RepositoryMissing;
            // distribution-spec, "Error Codes", code-5: a manifest that names a blob which the registry does not know. Some say code-1 or
            // code-7 of it. ECR in words: "Layers with digests '…' required for pushing image into repository … do not exist".
            if (method == HttpMethod.Put && (said.Codes.Any(code => code is "MANIFEST_BLOB_UNKNOWN" or "BLOB_UNKNOWN" or "MANIFEST_UNKNOWN")
                || Says("required for pushing image")))
                return RefusalReason.PartMissing;
        }

        return status switch
        {
            HttpStatusCode.TooManyRequests => RefusalReason.RateLimited,
            HttpStatusCode.RequestEntityTooLarge => RefusalReason.TooLarge,
            _ => RefusalReason.Unknown,
        };

        bool Says(string words) => said.Text.Contains(words, StringComparison.OrdinalIgnoreCase);
    }
}

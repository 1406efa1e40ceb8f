using System.Security.Cryptography.X509Certificates;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Faults;

namespace Containerize.Testing.Registries;

/// <summary>How a <see cref="TestRegistry"/> behaves. The defaults are those of Debian's docker-registry 2.8, without a login.</summary>
public sealed record TestRegistryOptions
{
    /// <summary>Who may do what, and how one proves who one is.</summary>
    public TestRegistryAuth Auth { get; init; } = TestRegistryAuth.None;

    /// <summary>What <c>POST …/blobs/uploads/?mount=…&amp;from=…</c> does.</summary>
    public MountBehaviour Mount { get; init; } = MountBehaviour.Supported;

    /// <summary>
    /// Answers GET of a blob with 307 to a second host, as registries with their blobs in an object store do. That host
    /// answers 400 to a request that carries an <c>Authorization</c> header, as S3 does to a signed address.
    /// </summary>
    public bool RedirectBlobs { get; init; }

    /// <summary>
    /// Whether <c>Location</c> of an upload is a whole address; otherwise only a path. Both are legal (RFC 9110, 10.2.2).
    /// </summary>
    public bool AbsoluteLocations { get; init; } = true;

    /// <summary>
    /// Whether what came of a PUT before its connection broke is kept, and may be gone on from; docker-registry forgets it, as the state in
    /// the address does not fit any more.
    /// </summary>
    public bool KeepsBrokenUploads { get; init; }

    /// <summary>The most bytes that one request may have; a larger one is 413, as proxies answer. Null is no limit.</summary>
    public long? MaximumBody { get; init; }

    /// <summary>What <c>OCI-Chunk-Min-Length</c> says of chunks but the last, which is then asked for; null says nothing.</summary>
    public int? MinimumChunk { get; init; }

    /// <summary>Whether GET of a blob honours <c>Range</c>; otherwise it answers 200 with the whole blob, as a server may.</summary>
    public bool RangeRequests { get; init; } = true;

    /// <summary>
    /// Whether the referrers API exists: GET <c>…/referrers/&lt;digest&gt;</c>, and <c>OCI-Subject</c> in the answer to a manifest
    /// with a subject (distribution-spec 1.1, end-12). docker-registry 2.8 has neither.
    /// </summary>
    public bool ReferrersApi { get; init; }

    /// <summary>
    /// Whether <c>PUT …/manifests/&lt;digest&gt;?tag=…&amp;tag=…</c> puts the tags, and says so with <c>OCI-Tag</c> (distribution-spec
    /// after 1.1, "Pushing Manifests"). Others overlook the query.
    /// </summary>
    public bool TagsTogether { get; init; }

    /// <summary>Whether a manifest may be deleted by tag; docker-registry 2.8 answers 400 to that.</summary>
    public bool TagDelete { get; init; }

    /// <summary>The most tags in one answer of <c>tags/list</c>, whatever <c>n</c> asks for; null is no limit.</summary>
    public int? MaximumTagsPage { get; init; }

    /// <summary>
    /// What is said to a push to a repository that is not there; null creates it. Whatever a test puts there creates it, too.
    /// </summary>
    public Refusal? MissingRepository { get; init; }

    /// <summary>What is said to a manifest that would move a tag; null moves it.</summary>
    public Refusal? ImmutableTags { get; init; }

    /// <summary>Whether the root alone says how to log in; elsewhere 401 comes without a challenge.</summary>
    public bool ChallengesAtRoot { get; init; }

    /// <summary>What else happens to each request that is authorised, from the outside to the inside.</summary>
    public IReadOnlyList<FaultAction> Quirks { get; init; } = [];

    /// <summary>With a certificate the registry speaks https, otherwise http.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>The clock that tokens expire by.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

namespace Containerize.Testing.Registries;

/// <summary>What a registry makes of a request to mount a blob of another repository (distribution-spec, end-11).</summary>
public enum MountBehaviour
{
    /// <summary>201 when <c>from</c> holds the blob; otherwise 202 and an upload begins, as the specification asks.</summary>
    Supported,

    /// <summary>Always 202: the registry does not know mounting and begins an upload.</summary>
    Ignored,

    /// <summary>400: some registries refuse the request altogether, and the client has to try again without mounting.</summary>
    Refused,
}

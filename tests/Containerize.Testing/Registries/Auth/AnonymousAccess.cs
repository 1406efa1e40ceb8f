namespace Containerize.Testing.Registries.Auth;

/// <summary>What somebody without a name may do at a registry that hands out tokens.</summary>
public enum AnonymousAccess
{
    /// <summary>The token endpoint answers 401 to a request without credentials.</summary>
    Refused,

    /// <summary>
    /// An anonymous token allows to pull. Asked for more it grants less, which is no error (distribution, token specification).
    /// </summary>
    Pull,

    /// <summary>An anonymous token allows everything.</summary>
    Everything,
}

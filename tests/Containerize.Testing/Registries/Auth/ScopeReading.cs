namespace Containerize.Testing.Registries.Auth;

/// <summary>What a token server makes of several scopes in one request.</summary>
public enum ScopeReading
{
    /// <summary>All count, as the specification has it.</summary>
    All,

    /// <summary>The first one counts: "some registries only look at the first scope" (go-containerregistry).</summary>
    First,

    /// <summary>Of several for one repository the last one counts, and may take rights away (GitLab).</summary>
    LastOfRepository,
}

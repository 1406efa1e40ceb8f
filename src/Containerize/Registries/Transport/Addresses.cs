namespace Containerize.Registries.Transport;

/// <summary>How addresses are read: those that servers name, and those that stand in settings.</summary>
internal static class Addresses
{
    /// <summary>
    /// What a server names, resolved against the address of the request that it answers, with its host in the canonical form. The escaping
    /// of the rest is kept: it may carry a signature or a state that only the sender understands.
    /// </summary>
    public static Uri? Resolve(Uri request, string? location)
    {
        if (string.IsNullOrEmpty(location))
            return null;
        var fragment = location.IndexOf('#', StringComparison.Ordinal);
        if (fragment >= 0)
            location = location[..fragment];
        var absolute =
            location.StartsWith("//", StringComparison.Ordinal) ? $"{request.Scheme}:{location}"
            : location.StartsWith('/') ? $"{request.Scheme}://{CanonicalHost.AuthorityOf(request)}{location}"
            : location;
        if (absolute.Contains("://", StringComparison.Ordinal) && !absolute.AsSpan().ContainsAnyExceptInRange('!', '~'))
            return Uri.TryCreate(absolute, Exact, out var exact) ? Canonical(exact) : null;
        return Uri.TryCreate(request, location, out var resolved) ? Canonical(resolved) : null;
    }

    /// <summary>Host, port and path of what may be written as an address or as a name, without a slash at its end.</summary>
    public static string WithoutScheme(string name)
    {
        var scheme = name.IndexOf("://", StringComparison.Ordinal);
        return (scheme < 0 ? name : name[(scheme + 3)..]).TrimEnd('/');
    }

    /// <summary>An address that is sent as it is written.</summary>
    public static Uri Exactly(string address) => new(address, Exact);

    private static UriCreationOptions Exact => new() { DangerousDisablePathAndQueryCanonicalization = true };

    private static Uri? Canonical(Uri uri) =>
        (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps) && CanonicalHost.Rewrite(uri) is { } address
            && Uri.TryCreate(address, Exact, out var canonical)
            ? canonical
            : null;
}

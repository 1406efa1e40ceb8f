using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>The certificates of the authorities that servers are trusted by.</summary>
internal sealed class CertificateRule : IRule
{
    // Where OpenSSL looks as the distributions build it, and where .NET looks besides (OpenSslCachedSystemStoreProvider).
    private static readonly string[] UsualPlaces =
    [
        "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/pki/tls/certs", "/etc/pki/tls/cert.pem", "/usr/lib/ssl/certs", "/usr/lib/ssl/cert.pem",
        "/usr/local/ssl/certs", "/usr/local/ssl/cert.pem",
    ];

    public Finding? Check(Inspection image)
    {
        if (image.Needs.TlsClient is not { } user || !image.StartsApplication || DotnetInstallation.IsMissing(image))
            return null;
        var given = new[] { "SSL_CERT_FILE", "SSL_CERT_DIR" }
            .SelectMany(name => image.Environment.GetValueOrDefault(name, "").Split(':', StringSplitOptions.RemoveEmptyEntries));
        if (given.Concat(UsualPlaces).Any(image.HasContent))
            return null;
        return new Finding(
            ErrorCodes.CertificatesMissing,
            $"{user} needs certificates of authorities",
            $"{user} connects to others over HTTP or TLS, and {image.Base} has no certificates of authorities: "
                + "no server will be trusted. Choose a base with ca-certificates, or publish certificates and set SSL_CERT_FILE.");
    }
}

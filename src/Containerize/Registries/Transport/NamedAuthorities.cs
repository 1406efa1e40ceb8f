using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Containerize.Hosting;

namespace Containerize.Registries.Transport;

/// <summary>
/// The authorities that <c>SSL_CERT_FILE</c> and <c>SSL_CERT_DIR</c> name (OpenSSL, SSL_CTX_load_verify_locations(3)): trusted besides the
/// system's. On Linux .NET reads the variables once in a process, and MSBuild's processes build for one user after another; elsewhere they
/// mean nothing to it. They are read when a certificate is not trusted otherwise.
/// </summary>
/// <param name="environment">The build's.</param>
internal sealed class NamedAuthorities(IEnvironment environment)
{
    private readonly Lazy<X509Certificate2Collection> _authorities = new(() => Read(environment));

    /// <summary>Whether a server's certificate may be trusted that was looked at already.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="presented">The chain that was tried.</param>
    /// <param name="errors">What was wrong with it.</param>
    public bool AreTrusting(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors) =>
        errors == SslPolicyErrors.None
        || (OperatingSystem.IsLinux() && errors == SslPolicyErrors.RemoteCertificateChainErrors && _authorities.Value.Count > 0
            && Certificates.IsIssuedBy(_authorities.Value, certificate, presented));

    private static X509Certificate2Collection Read(IEnvironment environment)
    {
        var authorities = new X509Certificate2Collection();
        var files = (environment.GetVariable("SSL_CERT_DIR") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            .Where(file => FileIdentity.Of(file).IsRegular);
        if (environment.GetVariable("SSL_CERT_FILE") is { } named)
            files = files.Prepend(named);
        foreach (var file in files)
        {
            try
            {
                authorities.ImportFromPem(Certificates.Text(file));
            }
            catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
            {
                // OpenSSL passes over what it cannot read. The certificate then is not trusted, which is told.
            }
        }

        return authorities;
    }
}

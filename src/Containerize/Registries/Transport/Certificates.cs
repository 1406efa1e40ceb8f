using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Containerize.Registries.Transport;

/// <summary>
/// What a <c>certs.d</c> folder holds for a registry (Docker, "Verify repository client with certificates"; containers-certs.d(5)):
/// <c>*.crt</c> are authorities, trusted besides the system's; <c>*.cert</c> with <c>*.key</c> of the same name are the client's own.
/// </summary>
internal sealed class Certificates
{
    private readonly X509Certificate2Collection _authorities = [];
    private readonly X509CertificateCollection _own = [];

    private Certificates()
    {
    }

    /// <summary>Reads a folder.</summary>
    /// <exception cref="IOException">A file cannot be read, is no certificate, or lacks its key.</exception>
    public static Certificates Read(string folder)
    {
        var certificates = new Certificates();
        foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
        {
            try
            {
                if (file.EndsWith(".crt", StringComparison.Ordinal))
                    certificates._authorities.ImportFromPemFile(file);
                else if (file.EndsWith(".cert", StringComparison.Ordinal))
                    certificates._own.Add(WithKey(file, Path.ChangeExtension(file, ".key")));
            }
            catch (Exception e) when (e is CryptographicException or UnauthorizedAccessException)
            {
                throw new IOException($"'{file}' is no certificate that can be used: {e.Message.TrimEnd('.')}.", e);
            }
        }

        return certificates;
    }

    /// <summary>Makes connections use them.</summary>
    public void ApplyTo(SslClientAuthenticationOptions options)
    {
        if (_own.Count > 0)
            options.ClientCertificates = _own;
        if (_authorities.Count > 0)
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => IsTrusted(certificate, chain, errors);
    }

    // What is wrong with a name or a date stays wrong; an issuer that the system does not know may be one of these.
    private bool IsTrusted(X509Certificate? certificate, X509Chain? presented, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
            return true;
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        // Authorities of this kind publish no lists.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }

    private static X509Certificate2 WithKey(string certificate, string key)
    {
        if (!File.Exists(key))
            throw new IOException($"'{certificate}' lacks its key, '{key}'.");
        using var pem = X509Certificate2.CreateFromPemFile(certificate, key);
        // Windows' TLS takes no key that is in memory alone.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}

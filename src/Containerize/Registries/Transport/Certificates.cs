using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Containerize.Hosting;

namespace Containerize.Registries.Transport;

/// <summary>
/// What a <c>certs.d</c> folder holds for a registry (Docker, "Verify repository client with certificates"; containers-certs.d(5)):
/// <c>*.crt</c> are authorities, trusted besides the system's; <c>*.cert</c> with <c>*.key</c> of the same name are the client's own.
/// </summary>
internal sealed class Certificates
{
    // The certificates of all public authorities take 220 kB.
    private const int SizeLimit = 4 << 20;

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
                    certificates._authorities.ImportFromPem(Text(file));
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
    /// <param name="options">The connections' settings.</param>
    /// <param name="named">The authorities that are trusted besides.</param>
    public void ApplyTo(SslClientAuthenticationOptions options, NamedAuthorities named)
    {
        if (_own.Count > 0)
            options.ClientCertificates = _own;
        if (_authorities.Count > 0)
        {
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                named.AreTrusting(certificate, chain, errors)
                || (errors == SslPolicyErrors.RemoteCertificateChainErrors && IsIssuedBy(_authorities, certificate, chain));
        }
    }

    /// <summary>
    /// Whether one of these authorities has issued a certificate that the system does not trust. What is wrong with its name or date stays
    /// wrong.
    /// </summary>
    /// <param name="authorities">The authorities.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="presented">The chain that was tried.</param>
    public static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate? certificate, X509Chain? presented)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        // Authorities of this kind publish no lists.
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (presented is not null)
            chain.ChainPolicy.ExtraStore.AddRange(presented.ChainElements.Select(element => element.Certificate).ToArray());
        return chain.Build(certificate as X509Certificate2 ?? X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }

    /// <summary>The text of a file with certificates or a key, which may be anything that has such a name.</summary>
    /// <exception cref="IOException">It cannot be read, is too large, or does not end.</exception>
    public static string Text(string file)
    {
        try
        {
            return Encoding.UTF8.GetString(UserFile.Read(file, SizeLimit));
        }
        catch (IOException e) when (!e.Message.Contains(file, StringComparison.Ordinal))
        {
            throw new IOException($"'{file}' cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }

    private static X509Certificate2 WithKey(string certificate, string key)
    {
        if (!File.Exists(key))
            throw new IOException($"'{certificate}' lacks its key, '{key}'.");
        using var pem = X509Certificate2.CreateFromPem(Text(certificate), Text(key));
        // Windows' TLS takes no key that is in memory alone.
        return X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
    }
}

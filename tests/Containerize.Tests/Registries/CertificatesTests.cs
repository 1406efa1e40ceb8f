using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Containerize.Registries.Transport;
using Containerize.Tests.Support;

namespace Containerize.Tests.Registries;

/// <summary>Certificates of a registry of one's own: an authority that the system does not know, and a client's certificate.</summary>
public sealed class CertificatesTests : IDisposable
{
    private readonly TempFolder _folder = new("certificates");
    private readonly X509Certificate2 _authority = Authority("CN=Own");

    public void Dispose()
    {
        _authority.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_authority_of_the_folder_is_trusted()
    {
        _folder.Write("ca.crt", _authority.ExportCertificatePem());
        Assert.Null(await ConnectAsync("registry.example", "registry.example"));
    }

    [Fact]
    public async Task Another_authority_another_name_and_an_expired_certificate_are_not()
    {
        using var other = Authority("CN=Other");
        _folder.Write("ca.crt", other.ExportCertificatePem());
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => ConnectAsync("registry.example", "registry.example"));
        _folder.Write("ca.crt", _authority.ExportCertificatePem());
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => ConnectAsync("registry.example", "other.example"));
        await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => ConnectAsync("registry.example", "registry.example", validUntil: DateTimeOffset.UtcNow.AddDays(-1)));
    }

    [Fact]
    public async Task The_clients_own_certificate_is_shown()
    {
        _folder.Write("ca.crt", _authority.ExportCertificatePem());
        using var client = Issue("CN=builder", DateTimeOffset.UtcNow.AddDays(1));
        _folder.Write("client.cert", client.ExportCertificatePem());
        using var key = client.GetRSAPrivateKey()!;
        _folder.Write("client.key", key.ExportPkcs8PrivateKeyPem());
        Assert.Equal("CN=builder", await ConnectAsync("registry.example", "registry.example"));
    }

    [Fact]
    public void A_certificate_without_its_key_is_named()
    {
        _folder.Write("client.cert", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n");
        Assert.Contains(
            "lacks its key", Assert.Throws<IOException>(() => Certificates.Read(_folder.Path)).Message, StringComparison.Ordinal);
    }

    // What has such a name may be anything.
    [Theory]
    [InlineData("ca.crt")]
    [InlineData("client.cert")]
    [InlineData("client.key")]
    public void A_device_is_no_certificate(string name)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var client = Issue("CN=builder", DateTimeOffset.UtcNow.AddDays(1));
        _folder.Write("client.cert", client.ExportCertificatePem());
        _folder.Write("client.key", "");
        File.Delete(_folder[name]);
        File.CreateSymbolicLink(_folder[name], "/dev/zero");
        var e = Assert.Throws<IOException>(() => Certificates.Read(_folder.Path));
        Assert.Contains(name, e.Message, StringComparison.Ordinal);
        Assert.Contains("more than", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_among_the_named_authorities_is_passed_over()
    {
        if (!OperatingSystem.IsLinux())
            return;
        _folder.Write("ca.pem", _authority.ExportCertificatePem());
        Shell.Run(_folder.Path, "mkfifo a.pem");
        Assert.Null(await ConnectAsync("registry.example", "registry.example", apply: Named("SSL_CERT_DIR", _folder.Path)));
    }

    [Fact]
    public async Task A_file_without_a_certificate_makes_nobody_trusted()
    {
        _folder.Write("ca.crt", "not a certificate");
        await Assert.ThrowsAnyAsync<AuthenticationException>(() => ConnectAsync("registry.example", "registry.example"));
    }

    // .NET reads the variables once in a process; a second build of the process may name others.
    [Theory]
    [InlineData("SSL_CERT_FILE", "ca.pem")]
    [InlineData("SSL_CERT_DIR", "")]
    [InlineData("SSL_CERT_DIR", ":/nowhere")]
    public async Task An_authority_that_the_build_s_environment_names_is_trusted(string variable, string file)
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var other = Authority("CN=Other");
        _folder.Write("ca.pem", other.ExportCertificatePem());
        var value = file.StartsWith(':') ? _folder.Path + file : Path.Combine(_folder.Path, file);
        await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => ConnectAsync("registry.example", "registry.example", apply: Named(variable, value)));

        _folder.Write("ca.pem", other.ExportCertificatePem() + "\n" + _authority.ExportCertificatePem());
        await ConnectAsync("registry.example", "registry.example", apply: Named(variable, value));
        await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => ConnectAsync("registry.example", "other.example", apply: Named(variable, value)));
        await Assert.ThrowsAnyAsync<AuthenticationException>(
            () => ConnectAsync("registry.example", "registry.example", apply: Named(variable + "_X", value)));
    }

    private static Action<SslClientAuthenticationOptions> Named(string variable, string value)
    {
        var authorities = new NamedAuthorities(new EmptyEnvironment { [variable] = value });
        return options =>
            options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                authorities.AreTrusting(certificate, chain, errors);
    }

    /// <summary>Shakes hands; returns the subject of the client's certificate.</summary>
    private async Task<string?> ConnectAsync(
        string name, string expected, DateTimeOffset? validUntil = null, Action<SslClientAuthenticationOptions>? apply = null)
    {
        using var certificate = Issue("CN=" + name, validUntil ?? DateTimeOffset.UtcNow.AddDays(1), name);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var server = await accepting;

        X509Certificate? shown = null;
        await using var serverStream = new SslStream(server.GetStream());
        var serving = serverStream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, remote, _, errors) =>
            {
                shown = remote;
                return remote is null || errors != SslPolicyErrors.RemoteCertificateNotAvailable;
            },
        });
        await using var clientStream = new SslStream(client.GetStream());
        var options = new SslClientAuthenticationOptions { TargetHost = expected };
        apply ??= options => Certificates.Read(_folder.Path).ApplyTo(options, new NamedAuthorities(new EmptyEnvironment()));
        apply(options);
        try
        {
            await clientStream.AuthenticateAsClientAsync(options);
        }
        catch
        {
            server.Close();
            await Task.WhenAny(serving);
            throw;
        }

        await serving;
        return shown?.Subject;
    }

    private X509Certificate2 Issue(string subject, DateTimeOffset until, string? name = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (name is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
        }

        using var issued = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-2), until, Guid.NewGuid().ToByteArray());
        using var whole = issued.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pfx), null, X509KeyStorageFlags.Exportable);
    }

    private static X509Certificate2 Authority(string subject)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-3), DateTimeOffset.UtcNow.AddDays(3));
    }
}

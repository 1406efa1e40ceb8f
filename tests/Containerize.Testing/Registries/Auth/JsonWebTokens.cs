using System.Buffers.Text;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Containerize.Testing.Registries.Auth;

/// <summary>
/// Tokens that another server can check (distribution, "Token Authentication Implementation"): JSON Web Tokens with a signature (ES256),
/// and the certificate of its key beside it.
/// </summary>
internal sealed class JsonWebTokens(string issuer, string audience) : ITokenIssuer, IDisposable
{
    private static readonly JsonNode Header = new JsonObject { ["typ"] = "JWT", ["alg"] = "ES256" };

    private readonly X509Certificate2 _certificate = SelfSigned(issuer);

    /// <summary>What a registry has to trust.</summary>
    public string CertificatePem => _certificate.ExportCertificatePem();

    public string Issue(string? user, IReadOnlyList<AccessScope> granted, TimeSpan lifetime)
    {
        // A token that is worthless when it comes has been good at some time.
        var now = DateTimeOffset.UtcNow;
        var issued = lifetime > TimeSpan.Zero ? now : now + lifetime - TimeSpan.FromMinutes(5);
        var header = Header.DeepClone();
        header["x5c"] = new JsonArray(Convert.ToBase64String(_certificate.RawData));
        var claims = new JsonObject
        {
            ["iss"] = issuer,
            ["sub"] = user ?? "",
            ["aud"] = audience,
            ["exp"] = (now + lifetime).ToUnixTimeSeconds(),
            ["nbf"] = issued.ToUnixTimeSeconds(),
            ["iat"] = issued.ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString("N"),
            ["access"] = new JsonArray([.. granted.Select(scope => new JsonObject
            {
                ["type"] = "repository",
                ["name"] = scope.Repository,
                ["actions"] = new JsonArray([.. scope.Actions.Select(action => JsonValue.Create(action))]),
            })]),
        };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        using var key = _certificate.GetECDsaPrivateKey()!;
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(System.Text.Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }

    public void Dispose() => _certificate.Dispose();

    private static string Encode(JsonNode part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    private static X509Certificate2 SelfSigned(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }
}

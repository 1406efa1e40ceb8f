namespace Containerize.Checks.Rules;

/// <summary>OpenSSL, which .NET's cryptography is on Linux.</summary>
internal sealed class OpenSslRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Needs.OpenSslUser is not { } user || !image.StartsApplication || DotnetInstallation.IsMissing(image)
            || image.Libraries.Has("libssl.so"))
            return null;
        return new Finding(
            ErrorCodes.OpenSslMissing,
            $"{user} uses TLS or cryptography, for which .NET needs OpenSSL: no libssl.so is in {image.Base}. Choose a base with OpenSSL (all of Microsoft's have it).");
    }
}

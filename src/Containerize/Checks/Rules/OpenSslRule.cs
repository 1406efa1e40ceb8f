using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>OpenSSL, which .NET's cryptography is on Linux.</summary>
internal sealed class OpenSslRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Needs.OpenSslUser is not { } user || !image.StartsApplication || DotnetInstallation.IsMissing(image)
            || (image.Libraries.Has("libssl.so") && image.Libraries.Has("libcrypto.so")))
            return null;
        // libssl is linked against libcrypto, and is not loaded without it.
        var missing = image.Libraries.Has("libssl.so") ? "libcrypto.so" : "libssl.so";
        return new Finding(
            ErrorCodes.OpenSslMissing,
            $"{missing} is missing for {user}",
            $"{user} uses TLS or cryptography, for which .NET needs OpenSSL: no {missing} is in {image.Base}. "
                + "Choose a base with OpenSSL (all of Microsoft's have it).");
    }
}

using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>
/// Variables of ASP.NET Core that name ports which are none. Kestrel ends at some of them, and at others listens on port 80 without a word.
/// </summary>
internal sealed class AddressRule : IRule
{
    public Finding? Check(Inspection image) => image.Image.NoPorts is [var (name, value), ..]
        ? new Finding(
            ErrorCodes.AddressInvalid,
            $"{name} has no port",
            $"The variable {name} tells ASP.NET Core to listen on '{value}', which has no port from 0 to 65535: "
                + "the application will not start, "
                + "or listen elsewhere. Set ASPNETCORE_HTTP_PORTS to '8080', for example.")
        : null;
}

using Containerize.Checks.Facts;
using Containerize.Checks.Rules;

namespace Containerize.Checks;

/// <summary>
/// Tells whether an application fits the image that it is in: whether it will start there, and find what it will look for.
/// Nothing is run; everything is read from the files' headers and names.
/// </summary>
internal static class ImageChecker
{
    /// <summary>What does not fit, one finding for each cause; none where all does, or where it cannot be told.</summary>
    public static IReadOnlyList<Finding> Check(CheckedImage image)
    {
        var inspection = new Inspection(image);
        IRule[] rules =
        [
            new CommandRule(),
            new AccountRule(),
            new ArchitectureRule(),
            new LibcRule(),
            new InterpreterRule(),
            new FrameworkRule(),
            new SymbolVersionRule(),
            new SharedLibraryRule(),
            new IcuRule(),
            new OpenSslRule(),
            new CertificateRule(),
            new TimeZoneRule(),
            new PortRule(),
            new AddressRule(),
            new HealthcheckRule(),
            new VolumeRule(),
        ];
        return [.. rules.Select(rule => rule.Check(inspection)).OfType<Finding>()];
    }
}

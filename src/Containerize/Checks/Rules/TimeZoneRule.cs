using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>The files that time zones are looked up in by name.</summary>
internal sealed class TimeZoneRule : IRule
{
    public Finding? Check(Inspection image)
    {
        if (image.Needs.TimeZoneUser is not { } user || !image.StartsApplication || DotnetInstallation.IsMissing(image))
            return null;
        var directory = image.Environment.GetValueOrDefault("TZDIR") is { Length: > 0 } given ? given : "/usr/share/zoneinfo";
        if (image.HasContent(directory))
            return null;
        return new Finding(
            ErrorCodes.TimeZonesMissing,
            $"{user} needs time zones in {directory}",
            $"{user} looks up time zones by name, and {image.Base} has no files of them in {directory}: "
                + "all but UTC will not be found. Choose a base with the package tzdata (of Microsoft's small images, those whose "
                + "tag ends with '-extra').");
    }
}

using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>ICU, without which an application ends when it starts, unless globalization is invariant.</summary>
internal sealed class IcuRule : IRule
{
    public Finding? Check(Inspection image)
    {
        // The application's own setting takes precedence over the environment's (GlobalizationMode of the runtime).
        var isInvariant = image.Needs.InvariantGlobalization
            ?? (image.Environment.GetValueOrDefault("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT") is { } value
                && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase)));
        if (!image.StartsApplication || DotnetInstallation.IsMissing(image)
            || isInvariant || !image.Needs.UsesIcu || image.Needs.BringsIcu
            || image.Environment.ContainsKey("DOTNET_SYSTEM_GLOBALIZATION_APPLOCALICU")
            || image.Libraries.Has("libicuuc.so"))
            return null;
        return new Finding(
            ErrorCodes.IcuMissing,
            "libicuuc.so is missing",
            $"The application loads ICU when it starts, and no libicuuc.so is in {image.Base}. "
                + "Choose a base with ICU (Microsoft's '-extra' tags), "
                + "or set InvariantGlobalization to 'true' if it needs no cultures.");
    }
}

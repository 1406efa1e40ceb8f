using Containerize.Checks.Facts;
using Containerize.Files;

namespace Containerize.Checks.Rules;

/// <summary>Volumes where the image has a file: engines refuse to start it.</summary>
internal sealed class VolumeRule : IRule
{
    public Finding? Check(Inspection image) =>
        image.Image.Config.Volumes.FirstOrDefault(volume => image.Files.Find(volume) is { Kind: not ContentKind.Directory }) is { } volume
            ? new Finding(
                ErrorCodes.VolumeIsFile,
                $"the volume '{volume}' is a file",
                $"The volume '{volume}' is a file in the image, and engines mount directories only: they will refuse to start it. "
                    + "Name the directory that the file lies in, or another one, in ContainerVolume.")
            : null;
}

using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class WorkingDirectoryTests
{
    [Theory]
    [InlineData("/app/", "app")]
    [InlineData("/app", "app")]
    [InlineData("/", "")]
    [InlineData("//", "")]
    [InlineData("/srv//web/app/", "srv/web/app")]
    [InlineData("/My App/ü", "My App/ü")]
    [InlineData("/tmp", "tmp")]
    [InlineData("/bin/app", "bin/app")]
    [InlineData("/home/app", "home/app")]
    [InlineData("/var/run/app/", "var/run/app")]
    [InlineData("/devices", "devices")]
    [InlineData("/srv/dev", "srv/dev")]
    [InlineData("/..app/x.y", "..app/x.y")]
    public void A_directory_becomes_a_layers_path(string directory, string path) =>
        Assert.Equal(path, WorkingDirectory.ToLayerPath(directory));

    [Theory]
    [InlineData("")]
    [InlineData("app")]
    [InlineData("./app")]
    [InlineData(@"C:\app")]
    [InlineData(@"/app\x")]
    [InlineData("/app/../etc")]
    [InlineData("/./app")]
    [InlineData("/app\n")]
    [InlineData("/proc/app")]
    [InlineData("/sys")]
    [InlineData("/dev/shm")]
    public void One_that_no_image_can_hold_is_refused(string directory) =>
        Failing.With(ErrorCodes.WorkingDirectoryInvalid, () => WorkingDirectory.ToLayerPath(directory), $"'{directory}'");
}

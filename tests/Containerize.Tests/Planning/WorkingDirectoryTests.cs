using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class WorkingDirectoryTests
{
    [Theory]
    [InlineData("/app/", "app")]
    [InlineData("/app", "app")]
    [InlineData("/", "")]
    [InlineData("//", "")]
    [InlineData("/srv//web/app/", "srv/web/app")]
    [InlineData("/My App/ü", "My App/ü")]
    [InlineData("/library", "library")]
    [InlineData("/tmpfiles", "tmpfiles")]
    [InlineData("/usr/lib/app", "usr/lib/app")]
    [InlineData("/binary/x", "binary/x")]
    [InlineData("/var/runner", "var/runner")]
    [InlineData("/..app/x.y", "..app/x.y")]
    public void A_directory_becomes_a_layers_path(string directory, string path) => Assert.Equal(path, WorkingDirectory.ToLayerPath(directory, baseIsEmpty: false));

    [Theory]
    [InlineData("")]
    [InlineData("app")]
    [InlineData("./app")]
    [InlineData(@"C:\app")]
    [InlineData(@"/app\x")]
    [InlineData("/app/../etc")]
    [InlineData("/./app")]
    [InlineData("/app\n")]
    [InlineData("/bin")]
    [InlineData("/bin/app")]
    [InlineData("/lib/app/")]
    [InlineData("/lib64/x")]
    [InlineData("/sbin")]
    [InlineData("/var/run/app")]
    [InlineData("/proc/app")]
    [InlineData("/sys")]
    [InlineData("/dev/shm")]
    [InlineData("/tmp")]
    [InlineData("/tmp/app")]
    [InlineData("/var/tmp/")]
    public void One_that_would_damage_the_base_is_refused(string directory) =>
        Failing.With(ErrorCodes.WorkingDirectoryInvalid, () => WorkingDirectory.ToLayerPath(directory, baseIsEmpty: false), $"'{directory}'");

    [Theory]
    [InlineData("home/app", true)]
    [InlineData("home/app/site", true)]
    [InlineData("root", true)]
    [InlineData("root/x", true)]
    [InlineData("home", false)]
    [InlineData("app/home/x", false)]
    [InlineData("rootless", false)]
    public void Homes_are_known(string path, bool home) => Assert.Equal(home, WorkingDirectory.LiesInHome(path));

    [Theory]
    [InlineData("bin", true)]
    [InlineData("bin/sh", true)]
    [InlineData("lib/x/y", true)]
    [InlineData("var/lock/x", true)]
    [InlineData("usr/bin/x", false)]
    [InlineData("app/bin/x", false)]
    [InlineData("binx", false)]
    [InlineData("var", false)]
    public void Paths_behind_a_link_are_known(string path, bool behind) => Assert.Equal(behind, WorkingDirectory.LiesBehindLink(path));
}

using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class ImagePathTests
{
    [Theory]
    [InlineData("/var/data", "app", "var/data")]
    [InlineData("/var/data/", "app", "var/data")]
    [InlineData("//var///data", "app", "var/data")]
    [InlineData("/", "app", "")]
    [InlineData("data", "app", "app/data")]
    [InlineData("data/x/", "srv/web", "srv/web/data/x")]
    [InlineData("data", "", "data")]
    [InlineData(".", "app", "app")]
    [InlineData("./", "app", "app")]
    [InlineData("./data", "app", "app/data")]
    [InlineData("/a/./b", "app", "a/b")]
    [InlineData("/a b/ünï:;='\"$*", "app", "a b/ünï:;='\"$*")]
    [InlineData("/...", "app", "...")]
    [InlineData("/x.wh.", "app", "x.wh.")]
    [InlineData("/etc\\shop\\x", "app", "etc/shop/x")]
    [InlineData("\\etc\\shop", "app", "etc/shop")]
    [InlineData("/process", "app", "process")]
    [InlineData("/srv/dev/x", "app", "srv/dev/x")]
    [InlineData("C:x", "app", "app/C:x")]
    public void A_path_becomes_a_layers(string path, string workingDirectory, string expected) =>
        Assert.Equal(expected, ImagePath.Parse(path, workingDirectory, "It"));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" ", "is empty")]
    [InlineData("/var/../etc", "'..'")]
    [InlineData("..", "'..'")]
    [InlineData("..\\x", "'..'")]
    [InlineData("/var/\ndata", "control character")]
    [InlineData("/var/\0", "control character")]
    [InlineData("/var/.wh.x", "'.wh.'")]
    [InlineData(".wh..wh..opq", "'.wh.'")]
    [InlineData("/proc", "/proc")]
    [InlineData("/sys/x", "/sys")]
    [InlineData("/dev/shm", "/dev")]
    [InlineData("//dev/./shm", "/dev")]
    [InlineData("C:", "Windows")]
    [InlineData("C:\\data", "Windows")]
    [InlineData("c:/data", "Windows")]
    public void What_cannot_be_a_path_of_an_image_is_refused(string path, string why) =>
        Failing.With(
            ErrorCodes.ImagePathInvalid,
            () => ImagePath.Parse(path, "app", "The ContainerFile 'x'"),
            "The ContainerFile 'x'",
            $"'{path}'",
            why,
            "/var/data");

    [Fact]
    public void Where_the_root_makes_no_sense_it_is_refused()
    {
        Assert.Equal("app", ImagePath.ParseBelowRoot(".", "app", "It"));
        foreach (var root in new[] { "/", "//", "/./" })
            Failing.With(
                ErrorCodes.ImagePathInvalid,
                () => ImagePath.ParseBelowRoot(root, "app", "The ContainerRemove"),
                "The ContainerRemove",
                $"'{root}'",
                "root");
        Failing.With(ErrorCodes.ImagePathInvalid, () => ImagePath.ParseBelowRoot("./", "", "It"), "root");
    }

    [Fact]
    public void What_a_folder_holds_keeps_its_name()
    {
        Assert.Equal("etc/a\\b", ImagePath.Below("etc", "a\\b", "It"));
        Assert.Equal("x/y", ImagePath.Below("", "x/y", "It"));
        Failing.With(
            ErrorCodes.ImagePathInvalid, () => ImagePath.Below("", "proc/x", "The ContainerFile '/rootfs'"), "'/proc/x'", "kernel");
    }
}

using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class ImageLocationTests
{
    private static readonly string Hash = "sha256:" + new string('1', 64);

    [Theory]
    [InlineData("scratch", LocationKind.Scratch, "", null)]
    [InlineData("scratch:1", LocationKind.Registry, "scratch:1", null)]
    [InlineData("ubuntu:24.04", LocationKind.Registry, "ubuntu:24.04", null)]
    [InlineData("ghcr.io/acme/shop", LocationKind.Registry, "ghcr.io/acme/shop", null)]
    [InlineData("oci:layout", LocationKind.OciLayout, "layout", null)]
    [InlineData("oci:layout:1.0", LocationKind.OciLayout, "layout", "1.0")]
    [InlineData("oci:/srv/layout:1.0", LocationKind.OciLayout, "/srv/layout", "1.0")]
    [InlineData("oci:../my layout:1.0", LocationKind.OciLayout, "../my layout", "1.0")]
    [InlineData("oci:layout:localhost:5000/team/app:1.0", LocationKind.OciLayout, "layout", "localhost:5000/team/app:1.0")]
    [InlineData(@"oci:C:\x\layout:1.0", LocationKind.OciLayout, @"C:\x\layout", "1.0")]
    [InlineData(@"oci:C:\x\layout", LocationKind.OciLayout, @"C:\x\layout", null)]
    [InlineData("oci:c:/x/layout:1.0", LocationKind.OciLayout, "c:/x/layout", "1.0")]
    [InlineData(@"oci:\\server\share\layout:1.0", LocationKind.OciLayout, @"\\server\share\layout", "1.0")]
    [InlineData("oci:c:1.0", LocationKind.OciLayout, "c", "1.0")]
    [InlineData("oci-archive:image.tar", LocationKind.OciArchive, "image.tar", null)]
    [InlineData("oci-archive:image.tar:1.0", LocationKind.OciArchive, "image.tar", "1.0")]
    [InlineData("docker-archive:image.tar.gz:team/app:1.0", LocationKind.DockerArchive, "image.tar.gz", "team/app:1.0")]
    [InlineData(@"docker-archive:D:\image.tar:app", LocationKind.DockerArchive, @"D:\image.tar", "app")]
    [InlineData("docker-daemon:team/app:1.0", LocationKind.Engine, "Docker", "team/app:1.0")]
    [InlineData("podman-daemon:localhost/app", LocationKind.Engine, "Podman", "localhost/app")]
    [InlineData("nerdctl-daemon:app", LocationKind.Engine, "Nerdctl", "app")]
    [InlineData("docker-daemon:", LocationKind.Engine, "Docker", null)]
    // A host that is called like a prefix has a port and a path behind it.
    [InlineData("oci:5000/team/app:1.0", LocationKind.Registry, "oci:5000/team/app:1.0", null)]
    [InlineData("docker-daemon:5000/app", LocationKind.Registry, "docker-daemon:5000/app", null)]
    [InlineData("oci:5000", LocationKind.OciLayout, "5000", null)]
    [InlineData("oci:./5000/layout", LocationKind.OciLayout, "./5000/layout", null)]
    // Prefixes are written in lower case, and are the whole of what stands before the first colon.
    [InlineData("OCI:layout", LocationKind.Registry, "OCI:layout", null)]
    [InlineData("oci/layout", LocationKind.Registry, "oci/layout", null)]
    [InlineData("my-oci:1.0", LocationKind.Registry, "my-oci:1.0", null)]
    [InlineData("ghcr.io/oci:1.0", LocationKind.Registry, "ghcr.io/oci:1.0", null)]
    public void Text_is_read_and_written_alike(string text, LocationKind kind, string place, string? name)
    {
        Assert.True(ImageLocation.TryParse(text, out var location));
        Assert.Equal(new ImageLocation(kind, place, name), location);
        Assert.Equal(text, location.ToString());
    }

    [Theory]
    [InlineData("oci:")]
    [InlineData("oci::1.0")]
    [InlineData("oci:layout:")]
    [InlineData("oci-archive:")]
    [InlineData("docker-archive::app:1")]
    [InlineData("oci:lay\0out")]
    public void What_lacks_a_path_or_a_name_is_none(string text)
    {
        Assert.False(ImageLocation.TryParse(text, out _));
        Failing.With(ErrorCodes.BaseImageInvalid, () => BaseImageName.ParsePlace(text), $"'{text}'", "oci:images/base:1.0");
    }

    [Theory]
    [InlineData("docker-daemon:")]
    [InlineData("docker-daemon:--help")]
    [InlineData("podman-daemon:Team/App")]
    public void An_engines_image_needs_a_name(string text) =>
        Failing.With(ErrorCodes.BaseImageInvalid, () => BaseImageName.ParsePlace(text), $"'{text}'", "docker-daemon:team/base:1.0");

    [Fact]
    public void An_engines_image_may_be_named_by_its_id() =>
        Assert.Equal(Hash, BaseImageName.ParsePlace("docker-daemon:" + Hash).Name);

    [Fact]
    public void Relative_paths_become_full_ones()
    {
        var folder = Path.Combine(Path.GetTempPath(), "project");
        Assert.Equal($"oci:{Path.Combine(folder, "layout")}:1.0", BaseImageName.Locate("oci:layout:1.0", folder).ToString());
        Assert.Equal(
            $"oci-archive:{Path.Combine(Path.GetTempPath(), "x.tar")}", BaseImageName.Locate(@"oci-archive:..\x.tar", folder).ToString());
        foreach (var same in new[] { "scratch", "ubuntu:24.04", "docker-daemon:team/app:1.0", "oci:5000/x/y" })
            Assert.Equal(same, BaseImageName.Locate(same, folder).ToString());
    }

    [Fact]
    public void A_colon_in_a_full_path_is_told_of() =>
        Failing.With(
            ErrorCodes.BaseImageInvalid,
            () => BaseImageName.Locate("oci:layout", Path.Combine(Path.GetTempPath(), "a:b")),
            "'oci:layout'",
            "':'");

    [Theory]
    [InlineData("ubuntu", true)]
    [InlineData("oci:x", true)]
    [InlineData("oci-archive:x", true)]
    [InlineData("docker-archive:x", false)]
    [InlineData("docker-daemon:x", false)]
    [InlineData("scratch", false)]
    public void Only_some_places_keep_manifests(string text, bool expected) =>
        Assert.Equal(expected, BaseImageName.ParsePlace(text).HasManifest);
}

using System.Formats.Tar;
using Containerize.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Layers;

/// <summary>image-spec, layer.md, "Whiteouts": an empty file beside the path that is gone.</summary>
public sealed class WhiteoutTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("motd", ".wh.motd")]
    [InlineData("etc/motd", "etc/.wh.motd")]
    [InlineData("usr/share/doc", "usr/share/.wh.doc")]
    [InlineData("a b/ü;:=\"", "a b/.wh.ü;:=\"")]
    [InlineData("..x", ".wh...x")]
    public async Task It_is_an_empty_file_with_a_name_of_its_own(string path, string name)
    {
        var entry = Assert.Single(await Tars.RoundTripAsync(Whiteout(path)));
        Assert.Equal((name, TarEntryType.RegularFile, 0, 0, 0), (entry.Name, entry.Type, entry.Content.Length, entry.Uid, entry.Gid));
    }

    [Fact]
    public async Task A_long_name_is_kept()
    {
        var (directory, name) = (new string('d', 60), new string('ü', 60));
        Assert.Equal($"{directory}/.wh.{name}", Assert.Single(await Tars.RoundTripAsync(Whiteout($"{directory}/{name}"))).Name);
    }

    [Fact]
    public async Task They_stand_where_their_paths_do_whatever_the_order()
    {
        LayerEntry[] entries = [Whiteout("etc/x"), Whiteout(
            "etc/a"), LayerEntry.Directory("etc"), Whiteout(
                "etc.d"), new LayerEntry("etc/m", LayerEntryKind.File, _folder.Write("m"), LayerEntry.FileMode)];
        var tar = await Tars.WriteAsync(entries);
        Assert.Equal(["etc/", ".wh.etc.d", "etc/.wh.a", "etc/m", "etc/.wh.x"], Tars.Read(tar).Select(entry => entry.Name));
        Assert.Equal(tar, await Tars.WriteAsync(entries.Reverse()));
    }

    [Fact]
    public async Task What_is_gone_cannot_be_there_in_the_same_layer()
    {
        var file = _folder.Write("x");
        await Failing.WithAsync(
            ErrorCodes.PathClash,
            () => Tars.WriteAsync(Whiteout("etc/x"), new LayerEntry("etc/x", LayerEntryKind.File, file, LayerEntry.FileMode)),
            "/etc/x ");
        await Failing.WithAsync(
            ErrorCodes.PathClash,
            () => Tars.WriteAsync(Whiteout("etc"), new LayerEntry("etc/x", LayerEntryKind.File, file, LayerEntry.FileMode)),
            "/etc ");
        await Failing.WithAsync(ErrorCodes.PathClash, () => Tars.WriteAsync(Whiteout("etc"), LayerEntry.Directory("etc")), "/etc ");
        await Failing.WithAsync(ErrorCodes.PathClash, () => Tars.WriteAsync(Whiteout("etc"), Whiteout("etc/x")), "/etc ");
    }

    private static LayerEntry Whiteout(string path) => new(path, LayerEntryKind.Whiteout, "", 0);
}

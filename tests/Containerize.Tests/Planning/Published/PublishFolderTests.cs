using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

public sealed class PublishFolderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Publish => Path.Combine(_folder.Path, "publish");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Everything_in_it_is_found_in_order()
    {
        foreach (var file in new[] { "b", "a/z", "a.b", "B", ".hidden", ".dir/.x", "a/ü y", "wwwroot/.well-known/x", "a/b/c/d" })
            _folder.Write("publish/" + file);
        Assert.Equal([".dir/.x", ".hidden", "B", "a.b", "a/b/c/d", "a/z", "a/ü y", "b", "wwwroot/.well-known/x"], Paths());
        Assert.All(List(), path => Assert.Equal(PublishedKind.File, path.Kind));
        Assert.All(List(), path => Assert.Equal(Path.Combine(Publish, path.RelativePath), path.FullPath));
    }

    [Fact]
    public void A_slash_at_the_end_does_not_matter()
    {
        _folder.Write("publish/a/x");
        Assert.Equal(List(), PublishFolder.List(Publish + "/", new Dictionary<string, PublishItem>()));
    }

    [Fact]
    public void Only_directories_without_anything_are_entries_of_their_own()
    {
        _folder.Write("publish/a/x");
        Directory.CreateDirectory(Path.Combine(Publish, "empty"));
        Directory.CreateDirectory(Path.Combine(Publish, "outer/inner"));
        Assert.Equal(
            [("a/x", PublishedKind.File), ("empty", PublishedKind.EmptyDirectory), ("outer/inner", PublishedKind.EmptyDirectory)],
            List().Select(path => (path.RelativePath, path.Kind)));
    }

    [Fact]
    public void A_missing_folder_is_told_of()
    {
        Failing.With(ErrorCodes.PublishFolderMissing, () => List(), $"'{Publish}'", "dotnet publish");
        File.WriteAllText(Publish, "");
        Failing.With(ErrorCodes.PublishFolderMissing, () => List());
    }

    [Fact]
    public void An_empty_folder_is_told_of()
    {
        Directory.CreateDirectory(Publish);
        Failing.With(ErrorCodes.PublishFolderEmpty, () => List(), $"'{Publish}'");
        Directory.CreateDirectory(Path.Combine(Publish, "only/directories"));
        Failing.With(ErrorCodes.PublishFolderEmpty, () => List());
    }

    [Fact]
    public void Links_inside_stay_links_and_become_relative()
    {
        _folder.Write("publish/lib/libx.so.1");
        Link("lib/libx.so", "libx.so.1");
        Link("top", "lib/libx.so");
        Link("lib/up", "../lib/./libx.so.1");
        Link("absolute", Path.Combine(Publish, "lib/libx.so.1"));
        Link("directory", "lib");
        Assert.Equal(
            [
                ("absolute", "lib/libx.so.1"), (
                    "directory", "lib"), ("lib/libx.so", "libx.so.1"), ("lib/up", "libx.so.1"), ("top", "lib/libx.so"),
            ],
            List().Where(path => path.Kind == PublishedKind.SymbolicLink).Select(path => (path.RelativePath, path.LinkTarget)));
        Assert.Equal(["absolute", "directory", "lib/libx.so", "lib/libx.so.1", "lib/up", "top"], Paths());
    }

    [Theory]
    [InlineData("../outside")]
    [InlineData("../publish2/x")]
    [InlineData("a/../../outside")]
    [InlineData("/etc/passwd")]
    [InlineData("..")]
    [InlineData("/")]
    public void A_link_that_leads_out_is_refused(string target)
    {
        _folder.Write("outside");
        _folder.Write("publish2/x");
        _folder.Write("publish/a/x");
        Link("bad", target);
        Failing.With(ErrorCodes.SymlinkUnsuitable, () => List(), "'bad'", "out of the publish folder", target);
    }

    [Fact]
    public void A_link_that_leads_out_by_way_of_another_is_refused()
    {
        _folder.Write("outside/x");
        _folder.Write("publish/x");
        Link("z", "../outside");
        Link("a", "z/x");
        Failing.With(ErrorCodes.SymlinkUnsuitable, () => List(), "out of the publish folder");
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("../missing")]
    [InlineData("bad")]
    public void A_link_to_nothing_is_refused(string target)
    {
        _folder.Write("publish/x");
        Link("bad", target);
        Failing.With(ErrorCodes.SymlinkUnsuitable, () => List(), "'bad'", "leads to nothing");
    }

    [Fact]
    public void Links_in_a_circle_are_refused()
    {
        _folder.Write("publish/x");
        Link("a", "b");
        Link("b", "a");
        Failing.With(ErrorCodes.SymlinkUnsuitable, () => List(), "'a'", "leads to nothing");
    }

    [Fact]
    public void A_link_that_the_build_made_to_its_source_means_the_content()
    {
        var source = _folder.Write("obj/App.dll");
        Directory.CreateDirectory(Publish);
        Link("App.dll", source);
        var path = Assert.Single(List(new PublishItem("App.dll", source, FileOrigin.Application)));
        Assert.Equal(new PublishedPath("App.dll", source, PublishedKind.File), path);

        // Only to its own source: a link of the same name to elsewhere is a stray one.
        var other = new PublishItem("App.dll", _folder.Write("obj/Other.dll"), FileOrigin.Application);
        Failing.With(ErrorCodes.SymlinkUnsuitable, () => List(other));
    }

    [Fact]
    public void A_link_to_a_source_that_is_a_link_itself_means_the_content_too()
    {
        var real = _folder.Write("packages/real.dll");
        File.CreateSymbolicLink(_folder["packages/linked.dll"], real);
        Directory.CreateDirectory(Publish);
        Link("x.dll", Path.Combine(_folder.Path, "packages/linked.dll"));
        var path = Assert.Single(List(new PublishItem("x.dll", Path.Combine(_folder.Path, "packages/linked.dll"), FileOrigin.Package)));
        Assert.Equal((PublishedKind.File, real), (path.Kind, path.FullPath));
    }

    [Theory]
    [InlineData(".wh.x")]
    [InlineData("a/.wh..wh..opq")]
    [InlineData(".wh.dir/x")]
    public void A_name_that_deletes_is_refused(string name)
    {
        _folder.Write("publish/" + name);
        Failing.With(ErrorCodes.PathUnsuitable, () => List(), ".wh.");
    }

    [Fact]
    public void Names_that_only_look_like_deletions_are_fine()
    {
        _folder.Write("publish/x.wh.y");
        _folder.Write("publish/.white");
        Assert.Equal([".white", "x.wh.y"], Paths());
    }

    [Theory]
    [InlineData("mkfifo pipe", "'pipe'")]
    [InlineData("mkdir sub; mkfifo sub/pipe", "'sub/pipe'")]
    public void A_pipe_is_refused_and_not_waited_for(string script, string mention)
    {
        _folder.Write("publish/x");
        Shell.Run(Publish, script);
        Failing.With(ErrorCodes.PathUnsuitable, () => List(), mention, "pipe");
    }

    [Fact]
    public void A_socket_is_refused()
    {
        _folder.Write("publish/x");
        using var socket = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(Publish, "s")));
        Failing.With(ErrorCodes.PathUnsuitable, () => List(), "'s'");
    }

    [Fact]
    public void An_empty_file_is_a_file()
    {
        _folder.Write("publish/empty", "");
        Assert.Equal(PublishedKind.File, Assert.Single(List()).Kind);
    }

    [Theory]
    [InlineData("printf x > \"$(printf 'bad\\377name')\"")]
    [InlineData("mkdir \"$(printf 'bad\\300\\200')\"")]
    [InlineData("ln -s x \"$(printf 'bad\\355\\240\\200')\"")]
    public void A_name_that_is_no_utf8_is_refused(string script)
    {
        _folder.Write("publish/x");
        Shell.Run(Publish, script);
        Failing.With(ErrorCodes.PathUnsuitable, () => List(), "'bad", "UTF-8");
    }

    [Fact]
    public void The_replacement_character_itself_may_stand_in_a_name()
    {
        _folder.Write("publish/odd\uFFFDname");
        Assert.Equal(["odd\uFFFDname"], Paths());
    }

    private IReadOnlyList<PublishedPath> List(params PublishItem[] items) =>
        PublishFolder.List(Publish, items.ToDictionary(item => item.RelativePath));

    private IEnumerable<string> Paths() => List().Select(path => path.RelativePath);

    private void Link(string path, string target) => File.CreateSymbolicLink(_folder["publish/" + path], target);
}

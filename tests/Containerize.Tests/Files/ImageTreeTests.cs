using Containerize.Files;
using Containerize.Layers;

namespace Containerize.Tests.Files;

public sealed class ImageTreeTests
{
    [Fact]
    public void Layers_lie_one_over_the_other()
    {
        var tree = Tree(
            [Directory("etc", 0b111_000_000, 7), File("etc/a", 1), File("etc/b", 2)],
            [File("etc/b", 3), File("etc/c", 4)],
            [Directory("etc", 0b111_101_101, 8)]);
        Assert.Equal(["a", "b", "c"], tree.Names("/etc/"));
        Assert.Equal((8, 0b111_101_101), (tree.Find("etc")!.Entry.UserId, tree.Find("etc")!.Entry.Mode));
        Assert.Equal([1, 3, 4], tree.Names("etc").Select(name => tree.Find($"/etc/{name}")!.Entry.Size));
        Assert.Null(tree.Find("etc/d"));
        Assert.Null(tree.Find("etc/a/b"));
        Assert.Empty(tree.Names("etc/a"));
        Assert.Empty(tree.Names("none"));
        Assert.Equal(["etc"], tree.Names(""));
    }

    [Fact]
    public void The_root_has_a_mode_too()
    {
        Assert.Equal(ContentKind.Directory, new ImageTree().Find("")!.Kind);
        var tree = Tree([Directory("", 0b111_101_000, 5), Directory("a")]);
        Assert.Equal((5, 0b111_101_000), (tree.Find("/")!.Entry.UserId, tree.Find("/")!.Entry.Mode));
        Assert.Equal(["a"], tree.Names("/"));
    }

    [Fact]
    public void Whiteouts_take_away_what_lies_below_wherever_they_stand()
    {
        var tree = Tree(
            [Directory("a"), File("a/x"), Directory("a/d"), File("a/d/y"), File("b")],
            [File("a/new"), Whiteout("a/d"), Whiteout("a/x"), Whiteout("none"), Whiteout("none/x"), File("a/d/z")]);
        Assert.Equal(["d", "new"], tree.Names("a"));
        Assert.Equal(["z"], tree.Names("a/d"));
        Assert.Equal(["a", "b", "none"], tree.Names(""));
    }

    [Fact]
    public void A_whiteout_is_about_the_layers_below_and_not_about_its_own()
    {
        var tree = Tree([File("x", 1)], [File("x", 2), Whiteout("x")]);
        Assert.Equal(2, tree.Find("x")!.Entry.Size);
    }

    [Fact]
    public void An_opaque_directory_is_emptied_and_keeps_what_its_layer_has()
    {
        var tree = Tree(
            [Directory("a", 0b111_000_000), File("a/x"), Directory("a/d"), File("a/d/y"), File("b/x")],
            [File("a/new"), Opaque("a"), Opaque("c")]);
        Assert.Equal(["new"], tree.Names("a"));
        Assert.Equal(0b111_000_000, tree.Find("a")!.Entry.Mode);
        Assert.Equal(["x"], tree.Names("b"));
        Assert.Empty(Tree([File("a"), File("b/c")], [Opaque("")]).Names(""));
    }

    [Fact]
    public void What_replaces_a_directory_takes_all_that_it_holds_away()
    {
        Assert.Null(Tree([File("a/x")], [File("a")]).Find("a/x"));
        Assert.Null(Tree([File("a/x"), Directory("b")], [Link("a", "b")]).Find("a/x"));
        var tree = Tree([File("a")], [Directory("a")]);
        Assert.Equal(ContentKind.Directory, tree.Find("a")!.Kind);
    }

    /// <summary>As engines unpack it: each layer in a folder of its own, which lies over those below.</summary>
    [Fact]
    public void A_link_of_a_lower_layer_gives_way_to_a_directory()
    {
        foreach (var entry in new[] { File("bin/x"), Directory("bin/x"), Whiteout("bin/x"), Opaque("bin") })
        {
            var tree = Tree([Link("bin", "usr/bin"), File("usr/bin/sh")], [entry]);
            Assert.Equal(ContentKind.Directory, tree.FindLink("bin")!.Kind);
            Assert.Null(tree.Find("bin/sh"));
        }

        Assert.Equal(ContentKind.Directory, Tree([Link("lib", "usr/lib")], [Directory("lib")]).FindLink("lib")!.Kind);
        Assert.Equal("bin/x", Tree([File("bin")], [File("bin/x")]).Find("bin/x")!.Path);
    }

    [Fact]
    public void A_link_of_the_same_layer_leads_on()
    {
        var tree = Tree(
            [File("usr/bin/sh"), Directory("usr/bin", 0b111_101_101, 3)],
            [Link("bin", "usr/bin"), File("bin/x", 7), Link(
                "s", "/bin"), Directory("s/d"), HardLink("h", "bin/x"), Link("round", "round"), File("round/y")]);
        Assert.Equal("usr/bin/x", tree.Find("bin/x")!.Path);
        Assert.Equal(["d", "sh", "x"], tree.Names("usr/bin"));
        Assert.Equal(3, tree.Find("usr/bin")!.Entry.UserId);
        Assert.Equal(7, tree.Find("h")!.Entry.Size);
        Assert.Equal("round/y", tree.Find("round/y")!.Path);
    }

    [Fact]
    public void Directories_that_no_layer_names_are_roots()
    {
        var directory = Tree([File("a/b/c")]).Find("a/b")!;
        Assert.Equal(
            (ContentKind.Directory, LayerEntry.DirectoryMode, 0, 0),
            (directory.Kind, directory.Entry.Mode, directory.Entry.UserId, directory.Entry.GroupId));
    }

    [Fact]
    public void A_further_name_is_the_file_and_outlives_it()
    {
        var file = new ContentEntry("a", ContentKind.File, 0b111_101_101, 5, 6, 9);
        var tree = Tree([file, HardLink("d/b", "a"), HardLink("c", "d/b")], [Whiteout("a")], [File("d/b", 1)]);
        Assert.Null(tree.Find("a"));
        Assert.Equal(file with { Path = "c" }, tree.Find("c")!.Entry);
        Assert.True(tree.Find("c")!.IsExecutable);
        Assert.Equal(1, tree.Find("d/b")!.Entry.Size);
        Assert.Equal("c", tree.Find("c")!.Path);

        Assert.Equal("usr/x", Tree([File("usr/x"), Link("l", "usr/x"), HardLink("h", "l")]).Find("h")!.Path);
        Assert.Equal(ContentKind.HardLink, Tree([HardLink("b", "none")]).Find("b")!.Kind);
        Assert.Equal(ContentKind.HardLink, Tree([Directory("d"), HardLink("b", "d")]).Find("b")!.Kind);
    }

    [Theory]
    [InlineData("bin/sh", "usr/bin/sh")]
    [InlineData("/bin/sh", "usr/bin/sh")]
    [InlineData("//bin//./sh/", "usr/bin/sh")]
    [InlineData("bin/new/deep", "usr/bin/new/deep")]
    [InlineData("var/run/x", "run/x")]
    [InlineData("one/x", "usr/bin/x")]
    [InlineData("up/bin/x", "usr/bin/x")]
    [InlineData("usr/lib/out/x", "opt/x")]
    [InlineData("usr/../bin/x", "usr/bin/x")]
    [InlineData("bin/../lib", "usr/lib")]
    [InlineData("../../x", "x")]
    [InlineData("far/x", "x")]
    [InlineData("dangling/x", "none/where/x")]
    [InlineData("bin", "usr/bin")]
    [InlineData("", "")]
    [InlineData("root/x", "x")]
    [InlineData("usr/bin/sh", "usr/bin/sh")]
    [InlineData("new/../x", "x")]
    public void Links_are_followed_to_where_they_lead(string path, string physical)
    {
        var tree = Linked();
        Assert.Equal(physical, tree.Resolve(path));
        Assert.Equal(tree.Resolve(path), tree.Resolve(tree.Resolve(path)!));
    }

    [Theory]
    [InlineData("bin", "bin")]
    [InlineData("one", "one")]
    [InlineData("var/run", "var/run")]
    [InlineData("up/bin", "bin")]
    [InlineData("one/sh", "usr/bin/sh")]
    [InlineData("circle", "circle")]
    public void The_last_one_need_not_be_followed(string path, string physical) =>
        Assert.Equal(physical, Linked().Resolve(path, followLast: false));

    [Theory]
    [InlineData("usr/bin/sh/x", "usr/bin/sh")]
    [InlineData("bin/sh/../x", "usr/bin/sh")]
    [InlineData("toFile/x", "usr/bin/sh")]
    [InlineData("dev/null/x", "dev/null")]
    [InlineData("circle", "circle")]
    [InlineData("self/x", "self")]
    [InlineData("growing/x", "growing")]
    [InlineData("empty/x", "empty")]
    public void What_leads_nowhere_is_told(string path, string obstacle)
    {
        var tree = Linked();
        Assert.Null(tree.Resolve(path));
        Assert.Null(tree.Resolve(path, followLast: true, out var told));
        Assert.Equal(obstacle, told);
        Assert.Null(tree.Find(path));
        Assert.Empty(tree.Names(path));
    }

    [Fact]
    public void Forty_links_in_a_row_are_followed_and_no_more()
    {
        var chain = Enumerable.Range(0, 41).Select(i => Link($"l{i}", $"l{i + 1}")).ToArray();
        var tree = Tree([.. chain, Directory("l41")]);
        Assert.Equal("l41", tree.Resolve("l1"));
        Assert.Null(tree.Resolve("l0"));
    }

    [Fact]
    public void Text_and_versions_go_with_their_file()
    {
        var lower = new FileList(
            [File("etc/passwd"), File("usr/lib/libc.so.6"), File(
                "usr/lib/libm.so.6"), Link("lib", "usr/lib"), HardLink("lib/other", "usr/lib/libm.so.6")])
        {
            Texts = new Dictionary<string, string> { ["etc/passwd"] = "root" },
            SymbolVersions = new Dictionary<string, IReadOnlyList<string>> { ["usr/lib/libc.so.6"] = ["GLIBC_2.36"], ["usr/lib/libm.so.6"] = ["GLIBC_2.2"] },
        };
        var tree = ImageTree.Of([lower, new FileList([Directory("usr")])]);
        Assert.Equal("root", tree.Text("/etc/passwd"));
        Assert.Null(tree.Text("etc/group"));
        Assert.Equal(["GLIBC_2.36"], tree.SymbolVersions("lib/libc.so.6"));
        Assert.Equal(["GLIBC_2.2"], tree.SymbolVersions("usr/lib/other"));
        Assert.Empty(tree.SymbolVersions("lib"));

        // Another file of the same name has its own, or none.
        tree.Add(new FileList([File("etc/passwd"), Whiteout("usr/lib/libc.so.6")]));
        Assert.Null(tree.Text("etc/passwd"));
        Assert.Empty(tree.SymbolVersions("usr/lib/libc.so.6"));
        tree.Add(lower);
        tree.Add(new LayerEntry("etc/passwd", LayerEntryKind.File, "/tmp/mine", LayerEntry.FileMode));
        Assert.Null(tree.Text("etc/passwd"));
    }

    [Fact]
    public void Entries_of_an_images_own_lie_on_top()
    {
        var tree = Linked();
        tree.Add(new LayerEntry("usr/bin/App", LayerEntryKind.File, "/src/App", LayerEntry.ExecutableMode, 1, 2));
        tree.Add(new LayerEntry("usr/bin/link", LayerEntryKind.SymbolicLink, "App", 0b111_111_111));
        tree.Add(new LayerEntry("usr/bin", LayerEntryKind.Directory, "", 0b111_000_000, 3) { IsGiven = true });
        tree.Add(new LayerEntry("usr/bin/sh", LayerEntryKind.Whiteout, "", 0));
        Assert.Equal(["App", "link"], tree.Names("bin"));
        var app = tree.Find("bin/link")!;
        Assert.Equal(
            ("/src/App", "usr/bin/App", 1, 2, true), (app.Source, app.Path, app.Entry.UserId, app.Entry.GroupId, app.IsExecutable));
        Assert.Equal((3, 0b111_000_000), (tree.Find("bin")!.Entry.UserId, tree.Find("bin")!.Entry.Mode));
        Assert.Equal("App", tree.FindLink("bin/link")!.Entry.LinkTarget);
        Assert.Null(tree.Find("usr/lib")!.Source);
        // Their paths are without links; one that were not would do what it does in an engine.
        tree.Add(new LayerEntry("one/x", LayerEntryKind.File, "/src/x", LayerEntry.FileMode));
        Assert.Equal(ContentKind.Directory, tree.FindLink("one")!.Kind);
    }

    [Fact]
    public void Removing_takes_one_path_with_all_below()
    {
        var tree = Linked();
        tree.Remove("usr/bin");
        tree.Remove("none/where");
        tree.Remove("bin");
        Assert.Null(tree.Find("usr/bin/sh"));
        Assert.Null(tree.FindLink("bin"));
        Assert.NotNull(tree.Find("usr/lib"));
    }

    [Fact]
    public void A_copy_goes_its_own_way()
    {
        var tree = Linked();
        var copy = tree.Copy();
        copy.Remove("usr/bin/sh");
        copy.Add(new LayerEntry("usr", LayerEntryKind.Directory, "", 0b111_000_000));
        copy.Add(new FileList([File("usr/bin/x")]));
        Assert.NotNull(tree.Find("bin/sh"));
        Assert.Null(tree.Find("bin/x"));
        Assert.Equal(LayerEntry.DirectoryMode, tree.Find("usr")!.Entry.Mode);
        Assert.Equal(["x"], copy.Names("bin"));
    }

    [Fact]
    public void Directories_may_be_as_deep_as_a_path_is_long()
    {
        var deep = string.Join('/', Enumerable.Repeat("d", 2000));
        var tree = Tree([File(deep)]).Copy();
        Assert.Equal(deep, tree.Find(deep)!.Path);
    }

    [Fact]
    public void A_tree_that_would_fill_the_memory_is_refused()
    {
        var tree = new ImageTree(mostCharacters: 10_000);
        tree.Add(new FileList([.. Enumerable.Range(0, 50).Select(i => File($"d/{i}"))]));
        Assert.Throws<InvalidDataException>(
            () => tree.Copy().Add(new FileList([.. Enumerable.Range(0, 50).Select(i => File($"e/{i}"))])));
        Assert.Throws<InvalidDataException>(() => tree.Copy().Add(new FileList([Link("l", new string('x', 5000))])));
        // What no entry names takes room as well.
        Assert.Throws<InvalidDataException>(() => tree.Copy().Add(new FileList([File(string.Join('/', Enumerable.Repeat("d", 45)))])));
        tree.Add(new FileList([File("d/1"), File("d/2")]));
    }

    private static ImageTree Linked() => Tree(
    [
        Link("bin", "usr/bin"), File("usr/bin/sh"), Directory("usr/lib"), Link("var/run", "/run"), Link("one", "two"), Link("two", "/bin"),
        Link("up", "usr/.."), Link(
            "usr/lib/out", "../../opt"), Link("far", "../../../.."), Link("dangling", "none/where"), Link("root", "/"),
        Link("lib", "usr/lib"), Link("toFile", "bin/sh"), new ContentEntry("dev/null", ContentKind.Other, 0, 0, 0),
        Link("circle", "circle2"), Link("circle2", "circle"), Link("self", "self"), Link("growing", "growing/x"), Link("empty", ""),
    ]);

    private static ImageTree Tree(params ContentEntry[][] layers) => ImageTree.Of(layers.Select(entries => new FileList(entries)));

    private static ContentEntry File(string path, long size = 0) => new(path, ContentKind.File, LayerEntry.FileMode, 0, 0, size);

    private static ContentEntry Directory(string path, int mode = LayerEntry.DirectoryMode, int user = 0) =>
        new(path, ContentKind.Directory, mode, user, 0);

    private static ContentEntry Link(string path, string target) => new(path, ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, target);

    private static ContentEntry HardLink(string path, string target) =>
        new(path, ContentKind.HardLink, LayerEntry.FileMode, 0, 0, 0, target);

    private static ContentEntry Whiteout(string path) => new(path, ContentKind.Whiteout, 0, 0, 0);

    private static ContentEntry Opaque(string path) => new(path, ContentKind.OpaqueDirectory, 0, 0, 0);
}

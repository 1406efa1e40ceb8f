using Containerize.Files;
using Containerize.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Files;

public sealed class EntryPlacementTests
{
    private const string Passwd = """
        root:x:0:0:root:/root:/bin/sh
        # a comment:x:1:1
        app:x:1654:1655:App:/home/app:/bin/sh
        www-data:x:33:33::/var/www:/usr/sbin/nologin
        broken
        +nis::::::
        """;

    private const string Group = "root:x:0:\nadm:x:4:app\nbroken:x\n";

    private static readonly ContentEntry[] Entries =
    [
        Base("bin", "usr/bin"), Base("lib", "/usr/lib"), Base(
            "var/run", "../run"), Base("opt", "one"), Base("one", "/two"), Base("two", "srv"), Base("circle", "circle"),
        Base("usr/bin", 0b111_101_101), Base(
            "usr/lib",
            0b111_101_101), Base("tmp", 0b001_111_111_111), Base("home/app", 0b111_000_000, 1654, 1655), Base("run", 0b111_101_101),
        Base("srv", 0b010_111_111_101, 0, 7), Base(
            "large", 0b111_000_000, 3_000_000, -2), Base("dangling", "none/where"), Base("toFile", "etc/passwd"),
        new("etc/passwd", ContentKind.File, LayerEntry.FileMode, 0, 0), new("etc/group", ContentKind.File, LayerEntry.FileMode, 0, 0),
    ];

    [Theory]
    [InlineData("bin/x", "usr/bin/x")]
    [InlineData("lib/deep/x", "usr/lib/deep/x")]
    [InlineData("var/run/x", "run/x")]
    [InlineData("opt/a/x", "srv/a/x", "srv 2775 0:7")]
    [InlineData("dangling/x", "none/where/x")]
    [InlineData("tmp/x", "tmp/x", "tmp 1777 0:0")]
    [InlineData("home/app/.config/x", "home/app/.config/x", "home/app 700 1654:1655")]
    [InlineData("large/x", "large/x", "large 700 3000000:-2")]
    [InlineData("new/x", "new/x")]
    [InlineData("etc/x", "etc/x")]
    [InlineData("x", "x")]
    // A file in a link's place is one, as with COPY; so is one in a file's.
    [InlineData("bin", "bin")]
    [InlineData("etc/passwd", "etc/passwd")]
    public void A_file_lies_where_the_bases_links_lead_and_the_directories_above_are_as_the_base_has_them(
        string path, string place, params string[] directories)
    {
        foreach (var entry in new[] { File(path), Link(path, "target") })
        {
            var layer = Assert.Single(Place([entry]));
            Assert.Equal(
                directories.Append($"{place} {(entry.Kind == LayerEntryKind.File ? "644" : "777")} 0:0").Order(StringComparer.Ordinal),
                layer);
        }
    }

    [Fact]
    public void The_directories_that_a_plan_lists_are_in_every_layer_that_has_something_in_them()
    {
        var layers = Place(
            [Directory("app"), Directory("app/a"), File("app/a/1")],
            [Directory("app"), File("app/2"), File("app/a/b/3")],
            [File("other/4")],
            [Directory("app/empty")]);
        Assert.Equal(["app 755 0:0", "app/a 755 0:0", "app/a/1 644 0:0"], layers[0]);
        Assert.Equal(["app 755 0:0", "app/2 644 0:0", "app/a 755 0:0", "app/a/b/3 644 0:0"], layers[1]);
        Assert.Equal(["other/4 644 0:0"], layers[2]);
        Assert.Equal(["app 755 0:0", "app/empty 755 0:0"], layers[3]);
    }

    [Theory]
    [InlineData("bin/x", "usr/bin/x 755 0:0")]
    [InlineData("bin", "usr/bin 755 0:0")]
    [InlineData("tmp", "tmp 1777 0:0")]
    [InlineData("home/app", "home/app 700 1654:1655")]
    [InlineData("opt", "srv 2775 0:7")]
    [InlineData("opt/x", "srv 2775 0:7", "srv/x 755 0:0")]
    [InlineData("tmp/x", "tmp 1777 0:0", "tmp/x 755 0:0")]
    [InlineData("dangling", "none/where 755 0:0")]
    public void A_listed_directory_is_the_bases_own(string path, params string[] expected) =>
        Assert.Equal(expected, Assert.Single(Place([Directory(path)])));

    [Fact]
    public void A_directory_that_somebody_asks_for_is_as_asked_in_every_layer()
    {
        var layers = Place(
            [Directory("tmp"), File("tmp/1")],
            [Given("tmp", 0b111_000_000, "33:4"), File("home/app/2"), Given("opt/data", 0b111_111_101, "1654")],
            [Directory("srv/data"), File("srv/data/3"), File("tmp/d/4")]);
        Assert.Equal(["tmp 700 33:4", "tmp/1 644 0:0"], layers[0]);
        Assert.Equal(["home/app 700 1654:1655", "home/app/2 644 0:0", "srv 2775 0:7", "srv/data 775 1654:1654", "tmp 700 33:4"], layers[1]);
        Assert.Equal(["srv 2775 0:7", "srv/data 775 1654:1654", "srv/data/3 644 0:0", "tmp 700 33:4", "tmp/d/4 644 0:0"], layers[2]);
    }

    [Fact]
    public void Of_two_layers_that_ask_for_a_directory_the_later_is_heard()
    {
        var layers = Place([Given("data", 0b111_000_000, "1"), File("data/x")], [Given("data", 0b111_101_000, "2")]);
        Assert.Equal(["data 750 2:2", "data/x 644 0:0"], layers[0]);
        Assert.Equal(["data 750 2:2"], layers[1]);
        Failing.With(
            ErrorCodes.PathClash,
            () => Place([Given("opt/data", 0b111_000_000, "1"), Given("srv/data", 0b111_000_000, "2")]),
            "/srv/data",
            "/opt/data");
        Assert.Equal(
            ["srv 2775 0:7", "srv/data 700 1:1"],
            Assert.Single(Place([Given("opt/data", 0b111_000_000, "1"), Given("srv/data", 0b111_000_000, "1:1")])));
    }

    [Fact]
    public void Links_of_the_plan_lead_on_in_whichever_layer_they_are()
    {
        var layers = Place(
            [File("data/x"), Directory("data"), File("app/current/y"), File("deep/link/z"), File("twice/w")],
            [Link("data", "/var/data"), Link(
                "app/current", "v2"), Link("deep", "app/v1"), Link("app/v1/link", "../../tmp"), Link("twice", "deep/link")]);
        Assert.Equal(
            ["app/v2/y 644 0:0", "tmp 1777 0:0", "tmp/w 644 0:0", "tmp/z 644 0:0", "var/data 755 0:0", "var/data/x 644 0:0"], layers[0]);
        Assert.Equal(["app/current 777 0:0", "app/v1/link 777 0:0", "data 777 0:0", "deep 777 0:0", "twice 777 0:0"], layers[1]);
    }

    [Fact]
    public void A_link_below_a_link_lies_where_that_one_leads()
    {
        var layers = Place([Link("a", "b"), Link("a/l", "/c"), File("a/l/x"), Link("bin/tool", "../lib/tool"), File("b/l/y")]);
        Assert.Equal(["a 777 0:0", "b/l 777 0:0", "c/x 644 0:0", "c/y 644 0:0", "usr/bin/tool 777 0:0"], Assert.Single(layers));
    }

    [Fact]
    public void Owners_by_name_are_the_bases()
    {
        var layer = Assert.Single(Place(
        [
            Owned("a", "app"), Owned("b", "app:adm"), Owned(
                "c", "app:0"), Owned("d", "5"), Owned("e", "5:6"), Owned("f", "5:adm"), Owned("g", "www-data:"), Owned("h", "4294967294"),
            Given("i", 0b111_000_000, "app"), Owned("j", "root"),
        ]));
        Assert.Equal(
            ["a 644 1654:1655", "b 644 1654:4", "c 644 1654:0", "d 644 5:5", "e 644 5:6", "f 644 5:4", "g 644 33:33", "h 644 -2:-2", "i 700 1654:1655", "j 644 0:0"],
            layer);
    }

    [Theory]
    [InlineData("nobody", "no user 'nobody'", "root, app, www-data.")]
    [InlineData("app:wheel", "no group 'wheel'", "root, adm.")]
    [InlineData("www-data:app", "no group 'app'", "root, adm.")]
    [InlineData("", "names no user", "1654:1654")]
    [InlineData(":adm", "names no user", "1654:1654")]
    [InlineData("4294967296", "larger", "1654:1654")]
    [InlineData("broken", "no user 'broken'", "root, app, www-data.")]
    public void An_owner_that_the_base_lacks_is_told_with_those_that_it_has(string owner, string why, string next) =>
        Failing.With(
            ErrorCodes.OwnerUnknown, () => Place([Owned("data/x", owner)]), $"'{owner}'", "/data/x", "'example/base:1'", why, next);

    [Fact]
    public void Names_are_told_up_to_a_number_and_never_what_a_terminal_would_obey()
    {
        var passwd = string.Concat(
            Enumerable.Range(0, 30).Select(i => $"user{i}:x:{i}:{i}::/:\n")) + "\u001b[31mred:x:1:1\n" + new string('l', 100) + ":x:1:1\n";
        var e = Failing.With(
            ErrorCodes.OwnerUnknown, () => EntryPlacement.Place([[Owned("x", "nobody")]], Tree(passwd, null), "b"), "user19 and 12 more");
        Assert.DoesNotContain('\u001b', e.Message);
        Failing.With(ErrorCodes.OwnerUnknown, () => EntryPlacement.Place([[Owned("x", "root")]], new ImageTree(), "b"), "no user 'root'");
    }

    [Fact]
    public void Removing_marks_the_bases_own_path_and_not_what_a_link_leads_to()
    {
        var placement = Place(
            [Removed("bin/sh"), Removed("lib"), Removed(
                "tmp/x"), Removed("home/app/y"), Removed("none"), Removed("none/x"), Removed("etc/passwd/x"), Removed("circle/x")],
            out var layers,
            Base("usr/bin/sh", 0b111_101_101),
            File0("tmp/x"),
            File0("home/app/y"));
        Assert.Equal(
            ["home/app 700 1654:1655", "home/app/y removed", "lib removed", "tmp 1777 0:0", "tmp/x removed", "usr/bin/sh removed"],
            Assert.Single(layers));
        Assert.Equal(["/none", "/none/x", "/etc/passwd/x", "/circle/x"], placement.NotThere);
        Assert.Null(placement.Files.Find("usr/bin/sh"));
        Assert.Null(placement.Files.Find("lib"));
        Assert.NotNull(placement.Files.Find("usr/lib"));
    }

    [Fact]
    public void What_lies_in_a_removed_directory_needs_no_mark_which_would_bring_it_back()
    {
        Place([Removed("usr/bin/sh"), Removed("usr"), Removed("bin/sh"), Removed("usr")], out var layers, File0("usr/bin/sh"));
        Assert.Equal(["usr removed"], Assert.Single(layers));
        Place([Removed("usr/bin/sh"), Removed("bin/sh")], out layers, File0("usr/bin/sh"));
        Assert.Equal(["usr/bin/sh removed"], Assert.Single(layers));
    }

    [Fact]
    public void What_was_removed_can_be_brought_again_in_a_later_layer_and_in_no_other()
    {
        var layers = Place([Removed("bin"), Removed("home/app"), Removed("tmp")], [File("bin/x"), Directory("home/app"), File("tmp")]);
        Assert.Equal(["bin removed", "home/app removed", "tmp removed"], layers[0]);
        Assert.Equal(["bin/x 644 0:0", "home/app 755 0:0", "tmp 644 0:0"], layers[1]);
        foreach (var path in new[] { "tmp", "tmp/x" })
        {
            Failing.With(ErrorCodes.PathClash, () => Place([Removed("tmp"), File(path)]), "/tmp ");
            Failing.With(ErrorCodes.PathClash, () => Place([File(path)], [Removed("tmp")]), "/tmp ");
        }
    }

    [Fact]
    public void The_root_cannot_be_removed_or_replaced()
    {
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([Removed("")]), "'example/base:1'", "root");
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([File("")]), "root");
        Assert.Empty(Assert.Single(Place([Directory("")])));
    }

    [Theory]
    [InlineData("etc/passwd/x", "/etc/passwd,")]
    [InlineData("toFile/x/y", "/etc/passwd,")]
    [InlineData("circle/x", "/circle ")]
    [InlineData("usr/lib", "/usr/lib ")]
    public void A_path_that_leads_nowhere_or_would_hide_a_directory_is_refused(string path, string says) =>
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([File(path)]), "/" + path, says);

    [Theory]
    [InlineData("etc/passwd", "/etc/passwd.")]
    [InlineData("toFile", "/etc/passwd.")]
    [InlineData("circle", "/circle ")]
    [InlineData("etc/group/x", "/etc/group,")]
    public void A_directory_is_not_put_in_a_files_place(string path, string says) =>
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([Directory(path)]), "/" + path, says);

    [Fact]
    public void Links_of_the_plan_in_a_circle_are_refused()
    {
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([Link("a", "b"), Link("b", "a"), File("a/x")]), "/a/x", "circle");
        // Each moves the other.
        Failing.With(ErrorCodes.PathUnplaceable, () => Place([Link("p/q/r", "/s"), Link("s", "p"), Link("p", "s/q/r")]), "circle");
    }

    [Fact]
    public void Two_that_come_to_lie_on_one_path_are_told_by_both_their_names()
    {
        Failing.With(ErrorCodes.PathClash, () => Place([File("bin/x"), File("usr/bin/x")]), "/usr/bin/x of", "/bin/x");
        Failing.With(ErrorCodes.PathClash, () => Place([File("opt/x"), File("one/x")]), "/srv/x of", "/opt/x and /one/x");
        Failing.With(ErrorCodes.PathClash, () => Place([File("app/x"), File("app/x")]), "/app/x of");
        Failing.With(ErrorCodes.PathClash, () => Place([File("app/x"), File("app/x/y")]), "/app/x of", "/app/x/y");
        Failing.With(ErrorCodes.PathClash, () => Place([File("app/x")], [File("app/x/y")]), "/app/x of");
        Failing.With(ErrorCodes.PathClash, () => Place([File("app/x")], [Directory("app/x")]), "/app/x of");
        Failing.With(ErrorCodes.PathClash, () => Place([Directory("bin/x")], [File("usr/bin/x")]), "/usr/bin/x of");
    }

    [Fact]
    public void One_over_the_other_is_what_layers_are_for_where_it_is_meant()
    {
        var layers = Place([File("bin/x")], [File("bin/x")]);
        Assert.Equal(layers[0], layers[1]);
        // By two names it is an accident.
        Failing.With(ErrorCodes.PathClash, () => Place([File("bin/x")], [File("usr/bin/x")]), "/usr/bin/x of", "/bin/x");
        // The later is the one that leads on.
        Place([File("a")], [Link("a", "b")], [File("a/x")]);
        var placement = EntryPlacement.Place([[File("a")], [Link("a", "tmp")], [File("a/x")]], Tree(Passwd, Group), "b");
        Assert.Equal("tmp/x", placement.Files.Find("a/x")!.Path);
    }

    [Fact]
    public void On_an_empty_base_everything_lies_where_it_was_asked_for()
    {
        var layers = EntryPlacement.Place(
            [[Directory("app"), File("app/x"), File("bin/y"), Link("lib", "usr/lib")]], new ImageTree(), "scratch").Layers;
        Assert.Equal(["app 755 0:0", "app/x 644 0:0", "bin/y 644 0:0", "lib 777 0:0"], Lines(layers[0]));
    }

    [Fact]
    public void The_files_of_the_whole_image_are_told_and_the_bases_stay_as_they_were()
    {
        var tree = Tree(Passwd, Group);
        var files = EntryPlacement.Place(
            [[Directory("app"), Owned("app/x", "app"), File("bin/y"), Removed("home/app"), Given("tmp", 0b111_000_000, "5")]],
            tree,
            "b").Files;
        Assert.Equal((1654, "/src/app/x"), (files.Find("app/x")!.Entry.UserId, files.Find("app/x")!.Source));
        Assert.Equal("usr/bin/y", files.Find("bin/y")!.Path);
        Assert.Null(files.Find("home/app"));
        Assert.Equal(5, files.Find("tmp")!.Entry.UserId);
        Assert.Null(tree.Find("app"));
        Assert.NotNull(tree.Find("home/app"));
        Assert.Equal(0, tree.Find("tmp")!.Entry.UserId);
    }

    [Fact]
    public void Everything_else_about_an_entry_stays()
    {
        var entry = File("bin/x") with { TimeFromContent = true, Mode = 0b100_111_101_101, UserId = 7, GroupId = 8 };
        var placed = EntryPlacement.Place([[entry]], Tree(Passwd, Group), "b").Layers[0];
        Assert.Equal(entry with { Path = "usr/bin/x" }, Assert.Single(placed));
    }

    [Fact]
    public void Thousands_of_entries_and_links_are_placed()
    {
        var entries = Enumerable.Range(0, 3000)
            .SelectMany(i => new[] { File($"bin/{i % 50}/{i}"), Link($"opt/{i}", "../tmp"), Directory($"bin/{i % 50}") }).ToList();
        var layer = Assert.Single(EntryPlacement.Place([entries], Tree(Passwd, Group), "b").Layers);
        Assert.Equal(3000 + 3000 + 50 + 1, layer.Count);
        Assert.Equal(
            3000, layer.Count(entry => entry.Path.StartsWith("usr/bin/", StringComparison.Ordinal) && entry.Kind == LayerEntryKind.File));
    }

    public static TheoryData<string, bool> Needs => new()
    {
        { "/app/", false }, { "/app", false }, { "/opt2/x", false }, { "/data/app", false }, { "/Bin", false },
        { "/", true }, { "/bin/x", true }, { "/lib64", true }, { "/libx32/x", true }, { "/library", true }, { "/home/app", true }, { "/tmp/x", true }, { "/usr/app/", true }, { "/srv", true }, { "/opt/x", true }, { "/var/app", true }, { "/root", true },
    };

    [Theory]
    [MemberData(nameof(Needs))]
    public void A_directory_of_the_applications_own_needs_no_base(string directory, bool needed)
    {
        var path = directory.Trim('/') is { Length: > 0 } trimmed ? trimmed + "/" : "";
        Assert.Equal(
            needed,
            EntryPlacement.NeedsBase(
                [[File(path + "x"), Link(path + "link", "x")], [Owned(path + "y", "5:6"), Given(path + "z", 0b111_000_000, "5")]],
                directory));
    }

    [Fact]
    public void What_lies_elsewhere_or_asks_for_a_name_needs_the_base()
    {
        Assert.False(EntryPlacement.NeedsBase([[Directory("app"), File("app/x")]], "/app"));
        foreach (var entry in new[] { File("data/x"), Directory("data"), Removed("app/x"), Owned("app/x", "app"), Owned("app/x", "5:adm"), Owned("app/x", ""), File("app/link/x") })
            Assert.True(EntryPlacement.NeedsBase([[Directory("app"), Link("app/link", "/etc")], [entry]], "/app/"), entry.Path);
    }

    private static List<string>[] Place(params LayerEntry[][] layers) =>
        [.. EntryPlacement.Place(layers, Tree(Passwd, Group), "example/base:1").Layers.Select(Lines)];

    private static Placement Place(LayerEntry[] layer, out List<string>[] lines, params ContentEntry[] more)
    {
        var placement = EntryPlacement.Place([layer], Tree(Passwd, Group, more), "example/base:1");
        lines = [.. placement.Layers.Select(Lines)];
        return placement;
    }

    private static List<string> Lines(IEnumerable<LayerEntry> entries) =>
    [
        .. entries.Select(entry => entry.Kind == LayerEntryKind.Whiteout
            ? $"{entry.Path} removed"
            : $"{entry.Path} {Convert.ToString(entry.Mode, 8)} {entry.UserId}:{entry.GroupId}{entry.OwnerName}").Order(
                StringComparer.Ordinal),
    ];

    private static ImageTree Tree(string passwd, string? group, params ContentEntry[] more)
    {
        var texts = new Dictionary<string, string> { ["etc/passwd"] = passwd };
        if (group is not null)
            texts["etc/group"] = group;
        return ImageTree.Of([new FileList([.. Entries, .. more]) { Texts = texts }]);
    }

    private static ContentEntry Base(string path, int mode, int user = 0, int group = 0) =>
        new(path, ContentKind.Directory, mode, user, group);

    private static ContentEntry Base(string path, string target) => new(path, ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, target);

    private static ContentEntry File0(string path) => new(path, ContentKind.File, LayerEntry.FileMode, 0, 0);

    private static LayerEntry File(string path) => new(path, LayerEntryKind.File, "/src/" + path, LayerEntry.FileMode);

    private static LayerEntry Owned(string path, string owner) => File(path) with { OwnerName = owner };

    private static LayerEntry Link(string path, string target) => new(path, LayerEntryKind.SymbolicLink, target, 0b111_111_111);

    private static LayerEntry Directory(string path) => LayerEntry.Directory(path);

    private static LayerEntry Given(string path, int mode, string owner) =>
        new(path, LayerEntryKind.Directory, "", mode) { IsGiven = true, OwnerName = owner };

    private static LayerEntry Removed(string path) => new(path, LayerEntryKind.Whiteout, "", 0);
}

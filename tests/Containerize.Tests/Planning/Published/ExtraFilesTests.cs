using Containerize.Layers;
using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

/// <summary>What items add and remove, of real files and folders.</summary>
public sealed class ExtraFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly ExtraFiles _content = new("app");

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Targets => new()
    {
        // Path | what a ** stood for | where the file x.conf goes
        { "/etc/shop/y.conf", "", "etc/shop/y.conf" },
        { "/etc/shop/", "", "etc/shop/x.conf" },
        { "/etc/shop/", "sub/deep/", "etc/shop/sub/deep/x.conf" },
        { "/etc/shop/", "sub\\deep\\", "etc/shop/sub/deep/x.conf" },
        { "/etc/shop\\", "", "etc/shop/x.conf" },
        { "/etc/shop/y", "sub/", "etc/shop/y" },
        { "y.conf", "", "app/y.conf" },
        { "conf/", "", "app/conf/x.conf" },
        { "./", "", "app/x.conf" },
        { "/", "", "x.conf" },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public void A_file_goes_to_its_path_or_into_the_directory(string path, string recursive, string expected)
    {
        var source = _folder.Write("x.conf", "x");
        _content.AddFile(source, path, recursive, default);
        Assert.Equal(
            new ExtraEntry(new LayerEntry(expected, LayerEntryKind.File, source, LayerEntry.FileMode), "files"),
            Assert.Single(_content.Entries));
    }

    [Fact]
    public void Owner_mode_and_layer_are_the_items()
    {
        _content.AddFile(_folder.Write("a"), "/a", "", new EntrySettings("1654:7", "4755", "certs"));
        _content.AddFile(_folder.Write("b"), "/b", "", new EntrySettings("app", null, ""));
        _content.AddDirectory("/var/lib/shop/", new EntrySettings("app:root", "1770"));
        _content.AddSymlink("bin/tool", "../../srv/tool", new EntrySettings("7", Layer: "links"));
        Assert.Equal(
            [
                "certs: a File 4755 1654:7 ",
                "files: b File 644 0:0 app",
                "files: var/lib/shop Directory 1770 0:0 app:root given",
                "links: app/bin/tool SymbolicLink 777 7:7  → ../../srv/tool",
            ],
            Described());
    }

    [Fact]
    public void Modes_follow_from_the_content_and_below_wwwroot_from_the_place()
    {
        _content.AddFile(_folder.Write("run", "#!/bin/sh\n"), "/usr/local/bin/", "", default);
        _content.AddFile(_folder.Write("site.js", "js"), "wwwroot/", "", default);
        _content.AddFile(_folder.Write("hook", "#!/bin/sh\n"), "/app/wwwroot/hook", "", default);
        _content.AddFile(_folder.Write("own", "#!/bin/sh\n"), "/app/wwwroot/own", "", new EntrySettings(Mode: "0700"));
        _content.AddFile(_folder.Write("other"), "/srv/wwwroot/other", "", default);
        Assert.Equal(
            [("usr/local/bin/run", "755", false), (
                "app/wwwroot/site.js",
                "644",
                true), ("app/wwwroot/hook", "644", true), ("app/wwwroot/own", "700", true), ("srv/wwwroot/other", "644", false)],
            _content.Entries.Select(added => (added.Entry.Path, Convert.ToString(added.Entry.Mode, 8), added.Entry.TimeFromContent)));
    }

    [Fact]
    public void A_folder_brings_all_that_is_in_it()
    {
        var source = Folder();
        _content.AddFile(source, "/srv/data", "", default);
        Assert.Equal(
            [
                "files: srv/data Directory 755 0:0 ",
                "files: srv/data/.hidden File 644 0:0 ",
                "files: srv/data/a/b/deep.txt File 644 0:0 ",
                "files: srv/data/a/run File 755 0:0 ",
                "files: srv/data/link SymbolicLink 777 0:0  → a/run",
                "files: srv/data/a Directory 755 0:0 ",
                "files: srv/data/a/b Directory 755 0:0 ",
                "files: srv/data/empty Directory 755 0:0 ",
            ],
            Described());
        Assert.Equal(Path.Combine(source, "a", "run"), _content.Entries.Single(added => added.Entry.Path == "srv/data/a/run").Entry.Source);
    }

    [Fact]
    public void A_folders_owner_is_that_of_all_in_it_but_not_of_the_directory_it_goes_into()
    {
        _content.AddFile(Folder(), "/etc/", "", new EntrySettings("app", "0600", "config"));
        Assert.Equal(
            [
                "config: etc Directory 755 0:0 app",
                "config: etc/.hidden File 600 0:0 app",
                "config: etc/a/b/deep.txt File 600 0:0 app",
                "config: etc/a/run File 600 0:0 app",
                "config: etc/link SymbolicLink 777 0:0 app → a/run",
                "config: etc/a Directory 755 0:0 app given",
                "config: etc/a/b Directory 755 0:0 app given",
                "config: etc/empty Directory 755 0:0 app given",
            ],
            Described());
    }

    [Theory]
    [InlineData("/", "")]
    [InlineData("/app", "app/")]
    [InlineData("./", "app/")]
    public void The_root_and_the_working_directory_are_no_entries_of_a_folder(string path, string prefix)
    {
        _folder.Write("data/x");
        _folder.Write("data/sub/y");
        _content.AddFile(_folder["data"], path, "", new EntrySettings("7"));
        Assert.Equal([prefix + "sub/y", prefix + "x", prefix + "sub"], _content.Entries.Select(added => added.Entry.Path));
    }

    [Fact]
    public void An_empty_folder_is_an_empty_directory()
    {
        Directory.CreateDirectory(_folder["data"]);
        _content.AddFile(_folder["data"], "/var/empty", "", default);
        Assert.Equal(["files: var/empty Directory 755 0:0 "], Described());
    }

    [Fact]
    public void Odd_names_in_a_folder_stay()
    {
        _folder.Write("data/dev-disk\\x2duuid");
        _folder.Write("data/ü ;%:'\"$*");
        _content.AddFile(_folder["data"], "/srv", "", default);
        Assert.Equal(["srv", "srv/dev-disk\\x2duuid", "srv/ü ;%:'\"$*"], _content.Entries.Select(added => added.Entry.Path));
    }

    [Fact]
    public void A_link_to_a_folder_is_the_folder_and_one_to_a_file_the_file()
    {
        _folder.Write("data/x", "#!/bin/sh");
        Directory.CreateSymbolicLink(_folder["to-folder"], "data");
        File.CreateSymbolicLink(_folder["to-file"], "data/x");
        _content.AddFile(_folder["to-folder"], "/a", "", default);
        _content.AddFile(_folder["to-file"], "/b/", "", default);
        Assert.Equal(["files: a Directory 755 0:0 ", "files: a/x File 755 0:0 ", "files: b/to-file File 755 0:0 "], Described());
    }

    [Theory]
    [InlineData("ln -s /etc/hosts data/out", "data", ErrorCodes.SymlinkUnsuitable, "'out'")]
    [InlineData("ln -s nothing data/dangling", "data", ErrorCodes.SymlinkUnsuitable, "'dangling'")]
    [InlineData("mkfifo data/pipe", "data", ErrorCodes.PathUnsuitable, "'pipe'")]
    [InlineData("mkfifo data/pipe", "data/pipe", ErrorCodes.PathUnsuitable, "'pipe'")]
    [InlineData("mkfifo data/pipe; ln -s pipe data/link", "data/link", ErrorCodes.PathUnsuitable, "'link'")]
    [InlineData("touch data/.wh.x", "data", ErrorCodes.PathUnsuitable, "'.wh.x'")]
    [InlineData("touch data/.wh.x", "data/.wh.x", ErrorCodes.PathUnsuitable, "'.wh.x'")]
    [InlineData("mkdir -p data/dev/shm", "data", ErrorCodes.ImagePathInvalid, "'/dev/shm'")]
    public void What_cannot_stand_in_a_layer_is_refused(string script, string source, string code, string mention)
    {
        Directory.CreateDirectory(_folder["data"]);
        Shell.Run(_folder.Path, script);
        Failing.With(code, () => _content.AddFile(_folder[source], "/", "", default), mention);
        Assert.Empty(_content.Entries);
    }

    [Fact]
    public void What_is_missing_is_told_of()
    {
        var missing = _folder["missing"];
        Failing.With(
            ErrorCodes.ContentUnusable,
            () => _content.AddFile(missing, "/x", "", default),
            $"'{missing}'",
            "no such file or folder",
            "Path=");
        Failing.With(ErrorCodes.ContentUnusable, () => _content.AddFile(_folder.Write("x"), "", "", default), "has no Path");
        Failing.With(ErrorCodes.ContentUnusable, () => _content.AddFile(_folder.Write("x"), null, "", default), "has no Path");
        Failing.With(ErrorCodes.ContentUnusable, () => _content.AddSymlink("/x", null, default), "'/x'", "no LinkTarget");
        Failing.With(ErrorCodes.ContentUnusable, () => _content.AddSymlink("/x", "", default), "no LinkTarget");
        Failing.With(ErrorCodes.ContentUnusable, () => _content.AddSymlink("/x", "a\nb", default), "no LinkTarget");
    }

    [Fact]
    public void Owners_and_modes_are_checked_though_there_is_no_file()
    {
        Directory.CreateDirectory(_folder["data"]);
        Failing.With(
            ErrorCodes.OwnerOrModeInvalid, () => _content.AddFile(_folder["data"], "/data", "", new EntrySettings(Mode: "rw")), "'rw'");
        Failing.With(ErrorCodes.OwnerOrModeInvalid, () => _content.AddDirectory("/data", new EntrySettings("a:b:c")), "'/data'", "'a:b:c'");
        Failing.With(ErrorCodes.ImagePathInvalid, () => _content.AddDirectory("/", default), "root");
        Failing.With(ErrorCodes.ImagePathInvalid, () => _content.AddSymlink("/proc/x", "y", default), "'/proc/x'");
    }

    [Fact]
    public void Two_things_at_one_path_are_refused_in_whichever_layers()
    {
        var (one, two) = (_folder.Write("one"), _folder.Write("two"));
        _content.AddFile(one, "/etc/shop", "", default);
        Failing.With(
            ErrorCodes.PathClash,
            () => _content.AddFile(two, "/etc/shop", "", new EntrySettings(Layer: "other")),
            $"The ContainerFile '{one}' and the ContainerFile '{two}'",
            "/etc/shop",
            "ends with '/'");
        Failing.With(
            ErrorCodes.PathClash, () => _content.AddDirectory("/etc/shop", default), $"'{one}'", "the ContainerDirectory '/etc/shop'");
        Failing.With(ErrorCodes.PathClash, () => _content.AddSymlink("/etc/shop", "x", default), "the ContainerSymlink");
        Failing.With(ErrorCodes.PathClash, () => _content.AddFile(one, "/etc/shop", "", new EntrySettings("7")), $"'{one}'");
        Assert.Single(_content.Entries);
    }

    [Fact]
    public void The_same_thing_twice_does_no_harm()
    {
        var file = _folder.Write("one");
        for (var i = 0; i < 2; i++)
        {
            _content.AddFile(file, "/etc/shop", "", new EntrySettings("7", "0600"));
            _content.AddDirectory("/var/shop", new EntrySettings("app"));
            _content.AddSymlink("/x", "y", default);
        }

        Assert.Equal(["etc/shop", "var/shop", "x"], _content.Entries.Select(added => added.Entry.Path));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_folder_may_go_below_a_link_in_whichever_order(bool first)
    {
        _folder.Write("data/x");
        if (first)
            _content.AddSymlink("/srv/now", "/srv/v2", default);
        _content.AddFile(_folder["data"], "/srv/now", "", default);
        if (!first)
            _content.AddSymlink("/srv/now", "/srv/v2", default);
        Assert.Equal(
            ["srv/now SymbolicLink", "srv/now/x File"],
            _content.Entries.Select(added => $"{added.Entry.Path} {added.Entry.Kind}").Order(StringComparer.Ordinal));
        Failing.With(ErrorCodes.PathClash, () => _content.AddDirectory("/srv/now", default), "the ContainerDirectory '/srv/now'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_a_ContainerDirectory_says_goes_before_what_folders_do(bool first)
    {
        _folder.Write("data/sub/x");
        if (first)
            _content.AddDirectory("/srv/sub", new EntrySettings("7", "0700"));
        _content.AddFile(_folder["data"], "/srv", "", new EntrySettings("app"));
        if (!first)
            _content.AddDirectory("/srv/sub", new EntrySettings("7", "0700"));
        Assert.Contains("files: srv/sub Directory 700 7:7  given", Described());
        Assert.Equal(3, _content.Entries.Count);
        Failing.With(
            ErrorCodes.PathClash,
            () => _content.AddDirectory("/srv/sub", new EntrySettings("8", "0700")),
            "the ContainerDirectory '/srv/sub'");
    }

    [Fact]
    public void Two_folders_may_share_a_directory_of_one_owner()
    {
        _folder.Write("one/sub/x");
        _folder.Write("two/sub/y");
        _folder.Write("three/sub/z");
        _content.AddFile(_folder["one"], "/srv", "", default);
        _content.AddFile(_folder["two"], "/srv", "", new EntrySettings("7", Layer: "second"));
        _content.AddFile(_folder["two"], "/srv", "", new EntrySettings("7", Layer: "second"));
        Assert.Equal(
            ["files: srv/sub/x File 644 0:0 ", "second: srv/sub/y File 644 7:7 ", "second: srv/sub Directory 755 7:7  given"],
            Described().Where(line => line.Contains("/sub", StringComparison.Ordinal)).OrderBy(line => line.Length));
        Failing.With(ErrorCodes.PathClash, () => _content.AddFile(_folder["three"], "/srv", "", new EntrySettings("8")), "/srv/sub");
    }

    [Fact]
    public void What_is_removed_is_named_once()
    {
        foreach (var path in new[] { "/usr/share/doc", "/etc/b", "/usr/share/doc/x/y", "/etc/b/", "/usr/share/doc-base", "old", "/etc/a" })
            _content.Remove(path);
        Assert.Equal(["app/old", "etc/a", "etc/b", "usr/share/doc", "usr/share/doc-base"], _content.Removed);
        Failing.With(ErrorCodes.ImagePathInvalid, () => _content.Remove("/"), "The ContainerRemove '/'", "root");
        Failing.With(ErrorCodes.ImagePathInvalid, () => _content.Remove("/sys/x"), "/sys");
    }

    private string Folder()
    {
        _folder.Write("data/.hidden");
        _folder.Write("data/a/b/deep.txt");
        _folder.Write("data/a/run", "#!/bin/sh");
        Directory.CreateDirectory(Path.Combine(_folder.Path, "data/empty"));
        File.CreateSymbolicLink(_folder["data/link"], "a/run");
        return _folder["data"];
    }

    private IEnumerable<string> Described() => _content.Entries.Select(added =>
        $"{added.Layer}: {added.Entry.Path} {added.Entry.Kind} {Convert.ToString(added.Entry.Mode, 8)} "
            + $"{added.Entry.UserId}:{added.Entry.GroupId} {added.Entry.OwnerName}"
        + (added.Entry.IsGiven ? " given" : "") + (added.Entry.Kind == LayerEntryKind.SymbolicLink ? $" → {added.Entry.Source}" : ""));
}

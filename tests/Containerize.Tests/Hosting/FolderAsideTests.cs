using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class FolderAsideTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Aside => _folder["obj/aside"];

    public void Dispose() => _folder.Dispose();

    private static bool Takes(FolderAside aside, string source, string path) => aside.TakeBack([KeyValuePair.Create(path, source)], []) == 1;

    [Fact]
    public async Task What_is_the_same_comes_back_with_its_bytes_unread()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "sub/a", "CONTENT");
        var aside = await SetAsync(("sub/a", source));

        Assert.False(Directory.Exists(_folder["out"]));
        Assert.True(Takes(aside, source, @"sub\a"));
        aside.Drop();

        Assert.Equal("CONTENT", File.ReadAllText(_folder["out/sub/a"]));
        Assert.False(Directory.Exists(Aside));
    }

    [Theory]
    [InlineData(@"sub\a", true)]
    [InlineData("a", false)]
    public async Task What_may_be_copied_from_where_it_was_comes_back_too(string path, bool expected)
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "sub/a", "CONTENT");
        var aside = await SetAsync(("sub/a", source));

        Assert.Equal(expected ? 1 : 0, aside.TakeBack([], [path]));
        Assert.Equal(expected, File.Exists(_folder["out/sub/a"]));
    }

    [Fact]
    public async Task But_not_where_it_is_known_to_come_from_elsewhere()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "a", "CONTENT");
        var aside = await SetAsync(("a", source));
        File.Copy(source, _folder["source/b"]);

        Assert.Equal(0, aside.TakeBack([KeyValuePair.Create("a", _folder["source/b"])], ["a"]));
    }

    [Theory]
    [InlineData("another size")]
    [InlineData("another time")]
    [InlineData("no source")]
    [InlineData("source is a link")]
    [InlineData("another source")]
    [InlineData("other content of the same size and time")]
    [InlineData("another file in the source's place")]
    [InlineData("not published before")]
    [InlineData("published anew meanwhile")]
    [InlineData("outside")]
    [InlineData("no record")]
    public async Task What_is_not_does_not(string how)
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "a", "CONTENT");
        var path = "a";
        var aside = await SetAsync(("a", source));
        var time = File.GetLastWriteTimeUtc(source);
        switch (how)
        {
            case "another size": File.AppendAllText(source, "x"); File.SetLastWriteTimeUtc(source, time); break;
            case "another time": File.SetLastWriteTimeUtc(source, time.AddTicks(10)); break;
            case "no source": File.Delete(source); break;
            case "source is a link": File.Move(source, _folder["real"]); File.CreateSymbolicLink(source, _folder["real"]); break;
            case "another source": File.Move(source, source = _folder["source/2/a"]); break;
            case "other content of the same size and time": Thread.Sleep(20); /* What a file system's clock can tell apart. */ File.WriteAllText(source, "CHANGED"); File.SetLastWriteTimeUtc(source, time); break;
            case "another file in the source's place": File.Move(_folder.Write("new", "replace"), source, overwrite: true); File.SetLastWriteTimeUtc(source, time); break;
            case "not published before": path = "b"; break;
            case "published anew meanwhile": _folder.Write("out/a", "new"); break;
            case "no record": File.Delete(Aside + ".sources"); break;
            default: path = "../source/a"; break;
        }

        Assert.False(Takes(aside, source, path));
        aside.Drop();

        Assert.Equal(how == "published anew meanwhile" ? ["new"] : [], Directory.Exists(_folder["out"]) ? Directory.GetFiles(_folder["out"]).Select(File.ReadAllText) : []);
        Assert.False(Directory.Exists(Aside));
    }

    [Theory]
    [InlineData("written just now")]
    [InlineData("times of packages")]
    [InlineData("changed since it was copied")]
    [InlineData("two sources")]
    public async Task What_cannot_be_told_is_not_recorded(string how)
    {
        var source = _folder.Write("source/a", "content");
        (string, string)[] files = [("a", source)];
        switch (how)
        {
            case "written just now": Copy(source, "a", "content", DateTime.UtcNow); break;
            case "times of packages": Copy(source, "a", "content", new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc)); break;
            case "changed since it was copied": Copy(source, "a", "content"); File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(source).AddMinutes(1)); break;
            default:
                Copy(source, "a", "content");
                files = [("a", source), ("a", _folder.Write("source/2/a", "other"))];
                break;
        }

        var aside = await SetAsync(files);

        Assert.False(Takes(aside, source, "a"));
    }

    [Fact]
    public async Task One_source_that_is_listed_twice_is_one()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "a", "content");

        Assert.True(Takes(await SetAsync(("a", source), ("a", source)), source, "a"));
    }

    [Theory]
    [InlineData("all", 4)]
    [InlineData("all, into a folder that was made anew", 4)]
    [InlineData("all, into one that is not empty any more", 4)]
    [InlineData("a changed file", 3)]
    [InlineData("a file more", 4)]
    [InlineData("an empty directory more", 4)]
    [InlineData("a link more", 4)]
    [InlineData("a link to a directory more", 4)]
    [InlineData("a directory of files more", 4)]
    [InlineData("more files that do not belong there than others", 4)]
    [InlineData("a directory that was published anew", 4)]
    public async Task What_belongs_in_it_comes_back_and_nothing_else(string how, int expected)
    {
        string[] paths = ["a", "sub/b", "sub/deep/c", "sub/deep/d"];
        var sources = paths.ToDictionary(path => path, path => _folder.Write("source/" + path, "content"));
        foreach (var (path, source) in sources)
            Copy(source, path, "CONTENT");
        switch (how)
        {
            case "a file more": _folder.Write("out/sub/deep/e", "stale"); break;
            case "an empty directory more": Directory.CreateDirectory(_folder["out/sub/deep/empty"]); break;
            case "a link to a directory more": Directory.CreateSymbolicLink(_folder["out/sub/deep/e"], _folder["source"]); break;
            case "a directory of files more": _folder.Write("out/sub/more/x/y", "stale"); _folder.Write("out/sub/more/z", "stale"); break;
            case "more files that do not belong there than others": Array.ForEach([1, 2, 3, 4, 5], i => _folder.Write($"out/sub/deep/{i}", "stale")); break;
            case "a link more": File.CreateSymbolicLink(_folder["out/sub/deep/e"], sources["a"]); break;
        }

        var aside = await SetAsync([.. sources.Select(file => (file.Key, file.Value))]);
        string[] there = [];
        switch (how)
        {
            case "all, into a folder that was made anew": Directory.CreateDirectory(_folder["out"]); break;
            case "all, into one that is not empty any more": _folder.Write("out/bundle", "new"); there = ["bundle"]; break;
            case "a changed file": File.AppendAllText(sources["sub/deep/c"], "x"); paths = [.. paths.Except(["sub/deep/c"])]; break;
            case "a directory that was published anew": _folder.Write("out/sub/deep/bundle", "new"); there = ["sub/deep/bundle"]; break;
        }

        Assert.Equal(expected, aside.TakeBack(sources, []));
        aside.Drop();

        var found = Directory.GetFileSystemEntries(_folder["out"], "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(_folder["out"], path).Replace('\\', '/'));
        Assert.Equal([.. paths.Concat(there).Concat(["sub", "sub/deep"]).Order(StringComparer.Ordinal)], found.Order(StringComparer.Ordinal));
        Assert.All(paths, path => Assert.Equal("CONTENT", File.ReadAllText(_folder["out/" + path])));
        Assert.All(sources.Values, source => Assert.True(File.Exists(source)));
        Assert.False(Directory.Exists(Aside));
    }

    [Fact]
    public async Task Links_stay_behind_and_are_not_followed()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "../elsewhere/a", "CONTENT");
        Directory.CreateDirectory(_folder["out"]);
        Directory.CreateSymbolicLink(_folder["out/linked"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["out/a"], _folder["elsewhere/a"]);
        var aside = await SetAsync(("a", source), ("linked/a", source));

        Assert.False(Takes(aside, source, "linked/a"));
        Assert.False(Takes(aside, source, "a"));
        aside.Drop();

        Assert.Equal("CONTENT", File.ReadAllText(_folder["elsewhere/a"]));
    }

    [Fact]
    public async Task What_was_left_aside_earlier_is_gone()
    {
        _folder.Write("obj/aside/old", "old");
        _folder.Write("out/new", "new");

        await SetAsync();

        Assert.Equal(["new"], Directory.GetFiles(Aside).Select(Path.GetFileName));
    }

    [Fact]
    public async Task Nothing_is_there_and_nothing_happens()
    {
        var aside = await SetAsync();

        Assert.False(Takes(aside, _folder.Write("source/a", "content"), "a"));
        aside.Drop();
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public async Task Another_build_may_take_it_away()
    {
        var source = _folder.Write("source/a", "content");
        var time = DateTime.UtcNow.AddHours(-1);
        Copy(source, "a", "content", time);
        Copy(source, "b", "content", time);
        var aside = await SetAsync(("a", source), ("b", source));
        Directory.Delete(Aside, recursive: true);

        Assert.False(Takes(aside, source, "b"));
        aside.Drop();
    }

    private async Task<FolderAside> SetAsync(params (string Path, string Source)[] files)
    {
        var aside = new FolderAside(_folder["out"] + Path.DirectorySeparatorChar, Aside);
        await aside.RecordAsync(files.Select(file => KeyValuePair.Create(file.Path, file.Source)), DateTimeOffset.UtcNow, default);
        aside.Set();
        return aside;
    }

    private void Copy(string source, string path, string content, DateTime? time = null)
    {
        File.SetLastWriteTimeUtc(source, time ?? DateTime.UtcNow.AddHours(-1));
        File.SetLastWriteTimeUtc(_folder.Write(Path.Combine("out", path), content), File.GetLastWriteTimeUtc(source));
    }
}

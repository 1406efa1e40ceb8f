using Containerize.Hosting;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class FolderAsideTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Aside => _folder["obj/aside"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_the_same_comes_back_with_its_bytes_unread()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "sub/a", "CONTENT");
        var aside = Set();

        Assert.False(Directory.Exists(_folder["out"]));
        Assert.True(aside.TakeBack(source, @"sub\a"));
        aside.Drop();

        Assert.Equal("CONTENT", File.ReadAllText(_folder["out/sub/a"]));
        Assert.False(Directory.Exists(Aside));
    }

    [Theory]
    [InlineData("another size")]
    [InlineData("another time")]
    [InlineData("no source")]
    [InlineData("source is a link")]
    [InlineData("not published before")]
    [InlineData("published anew meanwhile")]
    [InlineData("outside")]
    public void What_is_not_does_not(string how)
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "a", "CONTENT");
        var path = "a";
        var aside = Set();
        switch (how)
        {
            case "another size": File.AppendAllText(source, "x"); File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(Path.Combine(Aside, "a"))); break;
            case "another time": File.SetLastWriteTimeUtc(source, File.GetLastWriteTimeUtc(source).AddTicks(10)); break;
            case "no source": File.Delete(source); break;
            case "source is a link": File.Move(source, _folder["real"]); File.CreateSymbolicLink(source, _folder["real"]); break;
            case "not published before": path = "b"; break;
            case "published anew meanwhile": _folder.Write("out/a", "new"); break;
            default: path = "../source/a"; break;
        }

        Assert.False(aside.TakeBack(source, path));
        aside.Drop();

        Assert.Equal(how == "published anew meanwhile" ? ["new"] : [], Directory.Exists(_folder["out"]) ? Directory.GetFiles(_folder["out"]).Select(File.ReadAllText) : []);
        Assert.False(Directory.Exists(Aside));
    }

    [Fact]
    public void Links_stay_behind_and_are_not_followed()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "../elsewhere/a", "CONTENT");
        Directory.CreateDirectory(_folder["out"]);
        Directory.CreateSymbolicLink(_folder["out/linked"], _folder["elsewhere"]);
        File.CreateSymbolicLink(_folder["out/a"], _folder["elsewhere/a"]);
        var aside = Set();

        Assert.False(aside.TakeBack(source, "linked/a"));
        Assert.False(aside.TakeBack(source, "a"));
        aside.Drop();

        Assert.Equal("CONTENT", File.ReadAllText(_folder["elsewhere/a"]));
    }

    [Fact]
    public void What_was_left_aside_earlier_is_gone()
    {
        _folder.Write("obj/aside/old", "old");
        _folder.Write("out/new", "new");

        Set();

        Assert.Equal(["new"], Directory.GetFiles(Aside).Select(Path.GetFileName));
    }

    [Fact]
    public void Nothing_is_there_and_nothing_happens()
    {
        var aside = Set();

        Assert.False(aside.TakeBack(_folder.Write("source/a", "content"), "a"));
        aside.Drop();
        Assert.False(Directory.Exists(_folder["out"]));
    }

    [Fact]
    public void Another_build_may_take_it_away()
    {
        var source = _folder.Write("source/a", "content");
        Copy(source, "a", "content");
        Copy(source, "b", "content");
        var aside = Set();
        Assert.True(aside.TakeBack(source, "a"));
        Directory.Delete(Aside, recursive: true);

        Assert.False(aside.TakeBack(source, "b"));
        aside.Drop();
    }

    private FolderAside Set()
    {
        var aside = new FolderAside(_folder["out"] + Path.DirectorySeparatorChar, Aside);
        aside.Set();
        return aside;
    }

    private void Copy(string source, string path, string content)
    {
        var target = _folder.Write(Path.Combine("out", path), content);
        File.SetLastWriteTimeUtc(target, File.GetLastWriteTimeUtc(source));
    }
}

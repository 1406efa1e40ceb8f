using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class FileIdentityTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // Opening a pipe waits for a writer, which may never come.
    [Fact]
    public void A_pipe_is_no_file()
    {
        if (!OperatingSystem.IsLinux())
            return;
        using var folder = new TempFolder();
        Shell.Run(folder.Path, "mkfifo pipe; ln -s pipe link; echo x > file; ln -s file good");
        foreach (var name in new[] { "pipe", "link" })
            Assert.Contains(
                "is a pipe", Assert.Throws<IOException>(() => FileIdentity.RequireRegular(folder[name])).Message, StringComparison.Ordinal);
        Assert.Throws<IOException>(() => FileIdentity.RequireRegular("/dev/zero"));
        FileIdentity.RequireRegular(folder["file"]);
        FileIdentity.RequireRegular(folder["good"]);
        FileIdentity.RequireRegular(folder["none"]);
    }

    [Fact]
    public void A_file_is_the_same_while_nobody_touches_it()
    {
        var path = _folder.Write("a");
        Assert.Equal(FileIdentity.Of(path), FileIdentity.Of(path));
        File.CreateSymbolicLink(_folder["link"], path);
        Assert.Equal(FileIdentity.Of(path), FileIdentity.Of(_folder["link"]));
    }

    [Fact]
    public void Another_file_at_its_place_is_another_one_and_a_moved_one_the_same()
    {
        var path = _folder.Write("a");
        var before = FileIdentity.Of(path);
        File.Move(path, _folder["b"]);
        var moved = FileIdentity.Of(_folder["b"]);
        File.Copy(_folder["b"], path);
        var copied = FileIdentity.Of(path);

        Assert.Equal((before.Number, before.Made), (moved.Number, moved.Made));
        Assert.NotEqual((before.Number, before.Made), (copied.Number, copied.Made));
    }

    [Fact]
    public void A_change_shows_though_the_time_is_set_back()
    {
        var path = _folder.Write("a", "one");
        var time = File.GetLastWriteTimeUtc(path);
        var before = FileIdentity.Of(path);
        Thread.Sleep(20); // What a file system's clock can tell apart.
        File.WriteAllText(path, "two");
        File.SetLastWriteTimeUtc(path, time);
        var after = FileIdentity.Of(path);

        Assert.Equal((before.Number, before.Made), (after.Number, after.Made));
        Assert.NotEqual(before.Changed, after.Changed);
    }
}

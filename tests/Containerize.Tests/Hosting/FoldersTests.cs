using Containerize.Caches;
using Containerize.Files;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

/// <summary>Who may write to the folders that builds share. Windows has access lists instead of modes.</summary>
public sealed class FoldersTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("700", "700", true)]
    [InlineData("755", "755", true)]
    [InlineData("1777", "700", true)]
    [InlineData("777", "700", false)]
    [InlineData("755", "777", false)]
    [InlineData("755", "757", false)]
    [InlineData("755", "1777", false)]
    public void Where_others_may_write_it_is_not_this_user_s(string above, string mode, bool expected)
    {
        if (OperatingSystem.IsWindows())
            return;
        Shell.Run(_folder.Path, $"mkdir -p a/b; chmod {mode} a/b; chmod {above} a");

        Assert.Equal(expected, Folders.IsThisUsers(_folder["a/b"]));
        // One that is not there yet is as what it will lie in.
        if (mode != "1777")
            Assert.Equal(expected, Folders.IsThisUsers(_folder["a/b/c"]));
    }

    [Fact]
    public void A_group_of_more_than_the_user_counts_as_others()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName != "root")
            return;
        Shell.Run(_folder.Path, "mkdir own shared other; chmod 775 own shared; chgrp 0 own; chgrp 1 shared; chown 1 other");

        Assert.Equal([true, false, false], new[] { "own", "shared", "other" }.Select(name => Folders.IsThisUsers(_folder[name])));
    }

    [Fact]
    public async Task File_lists_that_others_may_have_written_are_not_used()
    {
        if (OperatingSystem.IsWindows())
            return;
        Shell.Run(_folder.Path, "mkdir open closed; chmod 777 open; chmod 700 closed");
        var layer = Digest.Of("x"u8);

        foreach (var (name, isUsed) in new[] { ("open", false), ("closed", true) })
        {
            var facts = new SharedCache(_folder[name], new EmptyEnvironment(), TimeProvider.System)
                .Facts(_folder["own " + name], FileListCache.Version);
            var cache = new FileListCache(facts);
            await cache.AddAsync(layer, new FileList([new ContentEntry("etc", ContentKind.Directory, 0, 0, 0)]), default);

            Assert.Equal(isUsed, Directory.Exists(_folder[name + "/contents"]));
            Assert.Equal(!isUsed, Directory.Exists(_folder["own " + name]));
            Assert.True(cache.Has(layer));
        }
    }

    [Theory]
    [InlineData("a/b/c")]
    [InlineData("a/b/c/")]
    public void A_private_folder_is_private_however_it_is_written(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        Folders.CreatePrivate(Path.Combine(_folder.Path, path));

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_folder["a/b/c"]));
    }

    [Fact]
    public void The_default_folder_of_all_projects_is_the_user_s_alone()
    {
        if (OperatingSystem.IsWindows())
            return;
        _ = new SharedCache(null, new EmptyEnvironment { ["XDG_CACHE_HOME"] = _folder["caches"] }, TimeProvider.System).Layers;

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(_folder["caches/containerize"]));
    }
}

using System.Globalization;
using Containerize.Hosting;
using Containerize.Planning.Published;
using CsCheck;
using Xunit;

namespace Containerize.Tests.Planning.Published;

/// <summary>What may be replaced and deleted in a publish folder: what is as our record says, and nothing else.</summary>
public sealed class PublishFolderUpdateTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("ctz-folder-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    private string Folder => Path.Combine(_root, "publish");

    private string Record => Path.Combine(_root, "record.txt");

    [Fact]
    public void What_is_published_no_more_goes_with_its_folder()
    {
        Publish(("a.txt", "a"), ("deep/er/b.txt", "b"), ("deep/c.txt", "c"));

        var updated = Publish(("a.txt", "a"), ("deep/c.txt", "c"));

        Assert.Equal(["deep/er/b.txt"], updated.Deleted);
        Assert.False(Directory.Exists(At("deep/er")));
        Assert.True(File.Exists(At("deep/c.txt")));
    }

    [Theory]
    [InlineData("edited")]
    [InlineData("touched")]
    [InlineData("replaced by a file with the same time and size")]
    [InlineData("its mode")]
    public void What_was_touched_since_is_the_users(string how)
    {
        Publish(("a.txt", "a"));
        var time = File.GetLastWriteTimeUtc(At("a.txt"));
        switch (how)
        {
            case "edited": File.WriteAllText(At("a.txt"), "b"); File.SetLastWriteTimeUtc(At("a.txt"), time); break;
            case "touched": File.SetLastWriteTimeUtc(At("a.txt"), time.AddSeconds(1)); break;
            case "its mode" when !OperatingSystem.IsWindows(): File.SetUnixFileMode(At("a.txt"), UnixFileMode.UserRead); break;
            default: File.Delete(At("a.txt")); File.WriteAllText(At("a.txt"), "a"); File.SetLastWriteTimeUtc(At("a.txt"), time); break;
        }

        Assert.Empty(Publish().Deleted);

        Assert.True(File.Exists(At("a.txt")));
    }

    [Fact]
    public void An_older_source_is_copied_over_what_is_ours()
    {
        Publish(("a.txt", "new"));
        Source("a.txt", "old", DateTime.UtcNow.AddDays(-9));

        var updated = Update("a.txt");

        Assert.Equal(["a.txt"], updated.Replaced);
        Assert.Equal("old", File.ReadAllText(At("a.txt")));
        Assert.Equal(File.GetLastWriteTimeUtc(SourceOf("a.txt")), File.GetLastWriteTimeUtc(At("a.txt")));
        Assert.Empty(Update("a.txt").Replaced);
    }

    [Fact]
    public void An_older_source_is_not_copied_over_what_the_user_edited_and_that_is_named()
    {
        Publish(("a.txt", "new"));
        File.WriteAllText(At("a.txt"), "mine");
        Source("a.txt", "old", DateTime.UtcNow.AddDays(-9));

        var updated = Update("a.txt");

        Assert.Equal(["a.txt"], updated.Edited);
        Assert.Equal("mine", File.ReadAllText(At("a.txt")));
        File.Delete(SourceOf("a.txt"));
        Assert.Empty(Update().Deleted);
        Assert.True(File.Exists(At("a.txt")));
    }

    [Fact]
    public void The_same_content_with_another_time_is_not_named()
    {
        Source("a.txt", "a", DateTime.UtcNow.AddDays(-1));
        Directory.CreateDirectory(Folder);
        File.WriteAllText(At("a.txt"), "a");

        Assert.Empty(Update("a.txt").Edited);
    }

    // -o . and the like: what is published lies where its source is.
    [Theory]
    [InlineData("same path")]
    [InlineData("a link to the folder")]
    [InlineData("a hard link")]
    public void A_source_is_never_replaced_or_deleted(string how)
    {
        Directory.CreateDirectory(Folder);
        var own = Path.Combine(Folder, "data", "one.txt");
        Directory.CreateDirectory(Path.GetDirectoryName(own)!);
        File.WriteAllText(own, "precious");
        var source = how switch
        {
            "a link to the folder" =>
                Path.Combine(Directory.CreateSymbolicLink(Path.Combine(_root, "link"), Folder).FullName, "data", "one.txt"),
            "a hard link" => Path.Combine(_root, "original.txt"),
            _ => own,
        };
        if (how == "a hard link" && OperatingSystem.IsLinux())
            System.Diagnostics.Process.Start("ln", [own, source]).WaitForExit();
        PublishFolderUpdate.Run(Folder, Record, [KeyValuePair.Create("data/one.txt", source)], []);
        Source("alt.txt", "alt", DateTime.UtcNow.AddYears(-6));

        PublishFolderUpdate.Run(Folder, Record, [KeyValuePair.Create("data/one.txt", SourceOf("alt.txt"))], []);
        Assert.Equal("precious", File.ReadAllText(own));
        PublishFolderUpdate.Run(Folder, Record, [], []);
        Assert.Equal("precious", File.ReadAllText(own));
    }

    [Fact]
    public void A_published_link_goes_with_its_source_and_another_stays()
    {
        Source("one.txt", "one", DateTime.UtcNow.AddDays(-1));
        Source("two.txt", "two", DateTime.UtcNow.AddDays(-2));
        Directory.CreateDirectory(Folder);
        File.CreateSymbolicLink(At("x.txt"), SourceOf("one.txt"));
        File.CreateSymbolicLink(At("users.txt"), SourceOf("one.txt"));
        PublishFolderUpdate.Run(Folder, Record, [KeyValuePair.Create("x.txt", SourceOf("one.txt"))], []);

        var replaced = PublishFolderUpdate.Run(Folder, Record, [KeyValuePair.Create("x.txt", SourceOf("two.txt"))], []);
        Assert.Equal(["x.txt"], replaced.Replaced);
        Assert.Equal(("two", null), (File.ReadAllText(At("x.txt")), new FileInfo(At("x.txt")).LinkTarget));
        Assert.Equal("one", File.ReadAllText(SourceOf("one.txt")));
        Assert.Equal(["x.txt"], PublishFolderUpdate.Run(Folder, Record, [], []).Deleted);
        Assert.NotNull(new FileInfo(At("users.txt")).LinkTarget);
        Assert.Equal("two", File.ReadAllText(SourceOf("two.txt")));
    }

    [Fact]
    public void What_lies_behind_a_link_is_left_alone()
    {
        Publish(("www/a.txt", "a"));
        Directory.Move(At("www"), Path.Combine(_root, "moved"));
        Directory.CreateSymbolicLink(At("www"), Path.Combine(_root, "moved"));

        Assert.Empty(Publish().Deleted);

        Assert.True(File.Exists(Path.Combine(_root, "moved", "a.txt")));
    }

    [Theory]
    [InlineData("../outside.txt")]
    [InlineData("a/../../outside.txt")]
    [InlineData("/outside.txt")]
    public void A_record_cannot_name_what_is_outside(string path)
    {
        Publish(("a.txt", "a"));
        var outside = Path.Combine(_root, "outside.txt");
        File.WriteAllText(outside, "x");
        var name = path[0] == '/' ? outside : path;
        File.AppendAllText(Record, $"{name}\0\0\0{FileStamp.Of(outside)}\n");

        Assert.Equal(["a.txt"], Publish().Deleted);

        Assert.True(File.Exists(outside));
    }

    [Fact]
    public void A_record_of_another_folder_and_a_damaged_one_say_nothing()
    {
        Publish(("a.txt", "a"));
        var record = File.ReadAllText(Record);
        foreach (var damaged in new[] { "", "x", record.Replace("publish", "another", StringComparison.Ordinal), record[..^4], "\0\0\0\n" })
        {
            File.WriteAllText(Record, damaged);
            Assert.Empty(Publish().Deleted);
            Assert.True(File.Exists(At("a.txt")));
        }
    }

    [Fact]
    public void Generated_files_go_when_nothing_generates_them_any_more()
    {
        Directory.CreateDirectory(Folder);
        File.WriteAllText(At("Old.endpoints.json"), "{}");
        PublishFolderUpdate.Run(Folder, Record, [], ["Old.endpoints.json"]);
        File.WriteAllText(At("New.endpoints.json"), "{}");

        var updated = PublishFolderUpdate.Run(Folder, Record, [], ["New.endpoints.json"]);

        Assert.Equal(["Old.endpoints.json"], updated.Deleted);
    }

    [Fact]
    public void Of_two_sources_none_replaces_what_is_there()
    {
        Publish(("a.txt", "first"));
        Source("b.txt", "second", DateTime.UtcNow.AddDays(-3));

        var updated = PublishFolderUpdate.Run(
            Folder, Record, [KeyValuePair.Create("a.txt", SourceOf("b.txt")), KeyValuePair.Create("a.txt", SourceOf("a.txt"))], []);

        Assert.Empty(updated.Deleted.Concat(updated.Replaced).Concat(updated.Edited));
        Assert.Equal("first", File.ReadAllText(At("a.txt")));
    }

    // After any sequence of publishes and edits: what the user made is as the user made it, and all else is what is published now.
    [Fact]
    public void Whatever_happens_only_what_is_ours_is_touched() =>
        Gen.Select(Gen.Int[0, 3].Array[1, 6], Gen.Int[0, 5].Array[0, 6], Gen.Bool.Array[6]).Sample(
        (publishes, edits, byUser) =>
        {
            var root = Directory.CreateTempSubdirectory("ctz-any-").FullName;
            try
            {
                var folder = Directory.CreateDirectory(Path.Combine(root, "publish")).FullName;
                var users = new Dictionary<string, string>();
                for (var step = 0; step < publishes.Length; step++)
                {
                    var published = Enumerable.Range(0, 6).Where(file => file % 4 >= publishes[step])
                        .Select(file => $"d{file % 2}/{file}.txt").ToList();
                    var sources = new List<KeyValuePair<string, string>>();
                    foreach (var path in published)
                    {
                        var source = Path.Combine(root, "source", path);
                        Directory.CreateDirectory(Path.GetDirectoryName(source)!);
                        File.WriteAllText(source, $"{path} {publishes[step]}");
                        File.SetLastWriteTimeUtc(source, DateTime.UnixEpoch.AddYears(40).AddHours(publishes[step]));
                        sources.Add(KeyValuePair.Create(path, source));
                        // What the SDK does: PreserveNewest.
                        var copy = Path.Combine(folder, path);
                        Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                        if (!File.Exists(copy) || File.GetLastWriteTimeUtc(copy) < File.GetLastWriteTimeUtc(source))
                        {
                            File.Copy(source, copy, overwrite: true);
                            users.Remove(path);
                        }
                    }

                    PublishFolderUpdate.Run(folder, Path.Combine(root, "record"), sources, []);

                    var expected = new SortedDictionary<string, string>(users);
                    foreach (var path in published)
                        expected.TryAdd(path, $"{path} {publishes[step]}");
                    Assert.Equal(
                        expected.Select(file => $"{file.Key}: {file.Value}").Order(StringComparer.Ordinal),
                        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
                            .Select(file => $"{Path.GetRelativePath(folder, file)}: {File.ReadAllText(file)}")
                            .Order(StringComparer.Ordinal));

                    if (step >= edits.Length)
                        continue;
                    var edited = byUser[step] ? $"d{edits[step] % 2}/{edits[step]}.txt" : $"own{edits[step]}.txt";
                    Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(folder, edited))!);
                    File.WriteAllText(Path.Combine(folder, edited), "user " + step.ToString(CultureInfo.InvariantCulture));
                    users[edited] = "user " + step.ToString(CultureInfo.InvariantCulture);
                }
            }
            finally
            {
                Directory.Delete(root, recursive: true);
            }
        },
        iter: 60,
        threads: 1);

    private string At(string path) => Path.Combine(Folder, path);

    private string SourceOf(string path) => Path.Combine(_root, "source", path);

    private void Source(string path, string content, DateTime time)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(SourceOf(path))!);
        File.WriteAllText(SourceOf(path), content);
        File.SetLastWriteTimeUtc(SourceOf(path), time);
    }

    private UpdatedFolder Publish(params (string Path, string Content)[] files)
    {
        Directory.CreateDirectory(Folder);
        foreach (var (path, content) in files)
        {
            if (File.Exists(SourceOf(path)) && File.ReadAllText(SourceOf(path)) == content)
                continue;
            Source(path, content, DateTime.UtcNow.AddMinutes(-5));
            Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
            File.Copy(SourceOf(path), At(path), overwrite: true);
        }

        return Update([.. files.Select(file => file.Path)]);
    }

    private UpdatedFolder Update(params string[] paths) =>
        PublishFolderUpdate.Run(Folder, Record, paths.Select(path => KeyValuePair.Create(path, SourceOf(path))), []);
}

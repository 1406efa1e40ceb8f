using System.Formats.Tar;
using System.Text;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Tests.Layers.Compression;
using Containerize.Tests.Support;

namespace Containerize.Tests.Layers;

public sealed class LayerTarTests : IDisposable
{
    private static readonly DateTime Fixed = new(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc);
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_stands_in_the_tar_as_the_entries_say()
    {
        var entries = await Tars.RoundTripAsync(
            new LayerEntry("app/run", LayerEntryKind.File, _folder.Write("1", "#!"), LayerEntry.ExecutableMode, 1654, 1655),
            new LayerEntry("app/data.json", LayerEntryKind.File, _folder.Write("2", "{}"), LayerEntry.FileMode),
            new LayerEntry("app/link", LayerEntryKind.SymbolicLink, "../data/x", 0b111_111_111),
            LayerEntry.Directory("app"));

        Assert.Equal(
            [
                ("app/", TarEntryType.Directory, "", "755", 0, 0, ""),
                ("app/data.json", TarEntryType.RegularFile, "", "644", 0, 0, "{}"),
                ("app/link", TarEntryType.SymbolicLink, "../data/x", "777", 0, 0, ""),
                ("app/run", TarEntryType.RegularFile, "", "755", 1654, 1655, "#!"),
            ],
            entries.Select(e => (e.Name, e.Type, e.Target, Convert.ToString(e.Mode, 8), e.Uid, e.Gid, Encoding.UTF8.GetString(e.Content))));
        Assert.All(entries, entry => Assert.Equal(Fixed, entry.Time));
        Assert.All(entries, entry => Assert.Empty(entry.OwnerNames));
    }

    [Fact]
    public async Task Entries_are_sorted_by_their_paths_whatever_their_order()
    {
        var source = _folder.Write("x");
        string[] paths = ["b", "a/z", "B", "a", "a.b", "ä", "a/b", "_"];
        var tar = await Tars.WriteAsync(paths.Select(path => path == "a" ? LayerEntry.Directory("a") : File(path, source)));
        Assert.Equal(["B", "_", "a/", "a.b", "a/b", "a/z", "b", "ä"], Tars.Read(tar).Select(entry => entry.Name));
        Assert.Equal(
            tar, await Tars.WriteAsync(paths.Reverse().Select(path => path == "a" ? LayerEntry.Directory("a") : File(path, source))));
    }

    public static TheoryData<string> Names => new()
    {
        "a b/ c .txt ",
        "ünïcödé/日本語/😀.txt",
        "quote'\"$`\\n*?[].txt",
        "-rf",
        new string('n', 99),
        new string('n', 100),
        new string('n', 101),
        new string('n', 300),
        "d/" + new string('é', 49),
        "d/" + new string('é', 50),
        "d/" + new string('é', 127),
        "d/" + new string('日', 33),
        "d" + new string('日', 33),
        "dd" + new string('日', 33),
        string.Join('/', Enumerable.Repeat("directory", 30)) + "/file",
        string.Join('/', Enumerable.Repeat("x😀", 60)),
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_name_is_read_as_it_was_written(string name)
    {
        var source = _folder.Write("x", "content of " + name);
        var entries = await Tars.RoundTripAsync(
            LayerEntry.Directory(name + ".d"),
            File(name, source),
            new LayerEntry(name + ".l", LayerEntryKind.SymbolicLink, "t", 511),
            File(name + ".z", source));
        Assert.Equal([name, name + ".d/", name + ".l", name + ".z"], entries.Select(entry => entry.Name));
        Assert.Equal("content of " + name, Encoding.UTF8.GetString(entries[0].Content));
        Assert.Equal("content of " + name, Encoding.UTF8.GetString(entries[3].Content));
        Assert.Equal("t", entries[2].Target);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Any_link_target_is_read_as_it_was_written(string target)
    {
        var entries = await Tars.RoundTripAsync(
            new LayerEntry("short", LayerEntryKind.SymbolicLink, target, 511),
            new LayerEntry("t" + target, LayerEntryKind.SymbolicLink, target, 511),
            File("u", _folder.Write("x")));
        Assert.Equal([("short", target), ("t" + target, target), ("u", "")], entries.Select(entry => (entry.Name, entry.Target)));
        Assert.All(entries.Take(2), entry => Assert.Equal(TarEntryType.SymbolicLink, entry.Type));
    }

    /// <summary>GNU's headers for long names are entries of their own, which the framework's reader does not show.</summary>
    [Fact]
    public async Task Headers_of_long_names_hold_no_time_or_owner_of_the_machine()
    {
        var name = new string('n', 150);
        var tar = await Tars.WriteAsync(
            File(name, _folder.Write("x")) with { UserId = 7, GroupId = 8 },
            new LayerEntry("l", LayerEntryKind.SymbolicLink, name, 511));
        var headers = Tars.Headers(tar).ToList();
        Assert.Equal("K2L0", string.Concat(headers.Select(header => (char)header[156])));
        Assert.All(headers, header =>
        {
            Assert.Equal("02263523000", Field(header, 136, 12)); // 1980-01-01
            Assert.Equal("ustar", Field(header, 257, 5));
            Assert.Equal("", Field(header, 265, 32));
            Assert.Equal("", Field(header, 297, 32));
        });
        Assert.All(
            headers.Where(header => (char)header[156] is 'K' or 'L'), header => Assert.Equal("././@LongLink", Field(header, 0, 100)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    [InlineData(300_000)]
    public async Task Content_of_any_length_is_padded_to_blocks(int length)
    {
        var content = ParallelBlockStreamTests.Content(length);
        var source = _folder.Write("x", content);
        var tar = await Tars.WriteAsync(File("a", source), File("b", source));
        Assert.All(Tars.Read(tar), entry => Assert.Equal(content, entry.Content));
        Assert.Equal(0, tar.Length % 512);
    }

    [Fact]
    public async Task It_ends_with_two_blocks_of_zeros()
    {
        var tar = await Tars.WriteAsync(File("a", _folder.Write("x", new byte[] { 1 })));
        Assert.True(tar.Length >= 2048);
        Assert.All(tar[1024..], value => Assert.Equal(0, value));
        Assert.All(tar[513..1024], value => Assert.Equal(0, value));

        var empty = await Tars.WriteAsync();
        Assert.True(empty.Length >= 1024);
        Assert.All(empty, value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task Owners_are_kept_however_large()
    {
        var file = File("a", _folder.Write("x"));
        var fits = await Tars.WriteAsync(file with { UserId = 2_097_151, GroupId = 2_097_151 });
        Assert.Equal((2_097_151, 2_097_151), (Tars.Read(fits)[0].Uid, Tars.Read(fits)[0].Gid));
        Assert.Equal("0", string.Concat(Tars.Headers(fits).Select(header => (char)header[156])));

        foreach (var (user, group) in new[] { (2_097_152, 5), (5, 2_097_152), (int.MaxValue, int.MaxValue) })
        {
            var entries = await Tars.RoundTripAsync(
                file with { UserId = user, GroupId = group },
                new LayerEntry("b" + new string('ü', 300), LayerEntryKind.SymbolicLink, new string('ä', 99), 511, user, group),
                new LayerEntry("c", LayerEntryKind.Directory, "", LayerEntry.DirectoryMode, user, group),
                File("d", file.Source));
            Assert.Equal(
                [("a", "", user, group), (
                    "b" + new string('ü', 300), new string('ä', 99), user, group), ("c/", "", user, group), ("d", "", 0, 0)],
                entries.Select(entry => (entry.Name, entry.Target, entry.Uid, entry.Gid)));
        }

        // The base's "nobody" may be 2^32 - 2, which is -2 here.
        var nobody = await Tars.WriteAsync(file with { UserId = -2, GroupId = -2 });
        Assert.Contains("18 uid=4294967294\n18 gid=4294967294\n", Encoding.ASCII.GetString(nobody), StringComparison.Ordinal);
        Assert.DoesNotContain(nobody.AsSpan(1024, 512).ToArray(), value => value > 127);
        var header = await new Containerize.Files.TarInput(new MemoryStream(nobody), 10).NextAsync(default);
        Assert.Equal((-2, -2), (header!.UserId, header.GroupId));
    }

    [Fact]
    public async Task The_files_own_time_and_mode_are_ignored()
    {
        var source = _folder.Write("x");
        var before = await Tars.WriteAsync(File("a", source));
        System.IO.File.SetLastWriteTimeUtc(source, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(source, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Equal(before, await Tars.WriteAsync(File("a", source)));
    }

    [Fact]
    public async Task A_time_from_the_content_changes_with_it_and_only_with_it()
    {
        var (one, same, other) = (_folder.Write("1", "one"), _folder.Write("2", "one"), _folder.Write("3", "two"));
        var entries = await Tars.RoundTripAsync(
            new[] { one, same, other }.Select((source, i) => File($"{i}", source) with { TimeFromContent = true }));
        Assert.Equal(entries[0].Time, entries[1].Time);
        Assert.NotEqual(entries[0].Time, entries[2].Time);
        Assert.All(entries, entry => Assert.InRange(entry.Time, Fixed, Fixed.AddYears(18)));
        Assert.Equal(["one", "one", "two"], entries.Select(entry => Encoding.UTF8.GetString(entry.Content)));
    }

    [Fact]
    public async Task A_path_twice_is_a_clash()
    {
        var source = _folder.Write("x");
        await Failing.WithAsync(
            ErrorCodes.PathClash, () => Tars.WriteAsync(File("app/x", source), File("app/y", source), File("app/x", source)), "/app/x");
        await Failing.WithAsync(ErrorCodes.PathClash, () => Tars.WriteAsync(LayerEntry.Directory("app"), File("app", source)), "/app");
    }

    [Fact]
    public async Task A_path_below_what_is_no_directory_is_a_clash()
    {
        var source = _folder.Write("x");
        await Failing.WithAsync(
            ErrorCodes.PathClash, () => Tars.WriteAsync(File("app", source), File("app.z", source), File("app/x/y", source)), "/app ");
        await Failing.WithAsync(
            ErrorCodes.PathClash, () =>
                Tars.WriteAsync(
                    new LayerEntry("bin", LayerEntryKind.SymbolicLink, "usr/bin", 511), LayerEntry.Directory("bin/x")), "/bin ");
    }

    [Fact]
    public async Task A_missing_file_is_told_of()
    {
        var missing = Path.Combine(_folder.Path, "missing");
        await Failing.WithAsync(ErrorCodes.FileUnreadable, () => Tars.WriteAsync(File("app/x", missing)), missing, "/app/x");
        await Failing.WithAsync(ErrorCodes.FileUnreadable, () => Tars.WriteAsync(File("app/x", Path.Combine(missing, "y"))), missing);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_file_that_changes_meanwhile_is_told_of(int change)
    {
        var source = _folder.Write("b", new byte[400_000]);
        using var destination = new Interfering(() =>
        {
            using var file = new FileStream(source, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(file.Length + change);
        });
        await Failing.WithAsync(
            ErrorCodes.FileUnreadable,
            () => LayerTar.WriteAsync([File("app/b", source)], destination, default),
            source, "changed");
    }

    [Fact]
    public async Task It_can_be_cancelled()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => LayerTar.WriteAsync([File("a", _folder.Write("x"))], new MemoryStream(), cancelled.Token));
    }

    [Fact]
    public async Task The_destination_stays_open()
    {
        using var destination = new MemoryStream();
        await LayerTar.WriteAsync([LayerEntry.Directory("a")], destination, default);
        Assert.True(destination.CanWrite);
    }

    /// <summary>
    /// The bytes are a promise: other ones give every user's image another digest. A change here belongs into the changelog.
    /// </summary>
    [Fact]
    public async Task The_format_has_not_changed()
    {
        var tar = await Tars.WriteAsync(
            LayerEntry.Directory("app"),
            LayerEntry.Directory("app/wwwroot"),
            File("app/App.dll", _folder.Write("1", "assembly")),
            new LayerEntry("app/App", LayerEntryKind.File, _folder.Write("2", "\u007fELF"), LayerEntry.ExecutableMode, 1654, 1654),
            new LayerEntry("app/libx.so", LayerEntryKind.SymbolicLink, "libx.so.1", 511),
            new LayerEntry("app/long", LayerEntryKind.SymbolicLink, new string('t', 120), 511),
            File("app/" + new string('ü', 80), _folder.Write("3", "")),
            File("app/wwwroot/site.css", _folder.Write("4", "body{}")) with { TimeFromContent = true });
        Assert.Equal("sha256:bb6336c96acb10c522cbad848c262e8b1a95642e66926bbf11a72e0839b43e8e", Digest.Of(tar).ToString());
    }

    private static LayerEntry File(string path, string source) => new(path, LayerEntryKind.File, source, LayerEntry.FileMode);

    private static string Field(byte[] header, int offset, int length) => Encoding.ASCII.GetString(header, offset, length).Split('\0')[0];

    /// <summary>Does something when the first bytes arrive.</summary>
    private sealed class Interfering(Action act) : MemoryStream
    {
        private bool _done;

        public override void Write(byte[] buffer, int offset, int count)
        {
            Act();
            base.Write(buffer, offset, count);
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Act();
            base.Write(buffer);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Act();
            return base.WriteAsync(buffer, cancellationToken);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Act();
            return base.WriteAsync(buffer, offset, count, cancellationToken);
        }

        private void Act()
        {
            if (!_done)
            {
                _done = true;
                act();
            }
        }
    }
}

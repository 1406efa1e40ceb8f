using Containerize.Caches;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Layers;

/// <summary>When files are taken to be the same without being read: only where they must be.</summary>
public sealed class LayerStampTests : IDisposable
{
    private static readonly DateTimeOffset Now = new FakeClock().GetUtcNow();
    private readonly TempFolder _folder = new();
    private readonly string _file;
    private readonly IReadOnlyList<LayerEntry> _entries;

    public LayerStampTests()
    {
        _file = _folder.Write("a.dll", "first");
        _entries = [LayerEntry.Directory("app"), new LayerEntry("app/a.dll", LayerEntryKind.File, _file, LayerEntry.FileMode)];
        Touch(Now.AddHours(-1));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void It_stays_while_nothing_is_touched() => Assert.Equal(Stamp(), Assert.NotNull(Stamp()));

    [Fact]
    public void It_changes_with_whatever_decides_the_layer()
    {
        var stamps = new List<Digest?> { Stamp(), Stamp("another run") };
        LayerEntry[] changed =
        [
            _entries[1] with { Path = "app/b.dll" }, _entries[1] with { Mode = LayerEntry.ExecutableMode }, _entries[1] with { UserId = 7 },
            _entries[1] with { GroupId = 7 }, _entries[1] with { TimeFromContent = true },
        ];
        stamps.AddRange(changed.Select(entry => LayerStamp.Of([_entries[0], entry], "run", Now)));
        stamps.Add(LayerStamp.Of([_entries[0], LayerEntry.Link("app/a.dll", _file)], "run", Now));
        stamps.Add(LayerStamp.Of([_entries[1]], "run", Now));
        // Another file with the same size and time.
        File.Move(_folder.Write("b.dll", "other"), _file, overwrite: true);
        Touch(Now.AddHours(-1));
        stamps.Add(Stamp());
        Touch(Now.AddHours(-2));
        stamps.Add(Stamp());
        File.WriteAllText(_file, "longer");
        Touch(Now.AddHours(-1));
        stamps.Add(Stamp());
        Assert.DoesNotContain(null, stamps);
        Assert.Equal(stamps.Count, stamps.Distinct().Count());
    }

    // The time of the last change of anything, which nobody can set, is told by Linux alone.
    [Fact]
    public void What_is_written_in_place_with_its_old_time_changes_it()
    {
        var before = Stamp();
        Thread.Sleep(20); // A kernel's clock ticks.
        File.WriteAllText(_file, "other");
        Touch(Now.AddHours(-1));
        Assert.Equal(!OperatingSystem.IsLinux(), Stamp() == before);
    }

    [Fact]
    public void A_folder_that_is_moved_away_and_back_changes_nothing()
    {
        var before = Stamp();
        Directory.Move(_folder.Path, _folder.Path + ".aside");
        Directory.Move(_folder.Path + ".aside", _folder.Path);
        Assert.Equal(before, Stamp());
    }

    [Theory]
    [InlineData("1980-01-01T00:00:00Z")]
    [InlineData("1985-10-26T00:00:00Z")]
    [InlineData("1970-01-01T00:00:00Z")]
    [InlineData("a second ago")]
    [InlineData("tomorrow")]
    public void Where_times_say_nothing_the_content_does(string when)
    {
        var time = when switch
        {
            "a second ago" => Now.AddSeconds(-1),
            "tomorrow" => Now.AddDays(1),
            _ => DateTimeOffset.Parse(when, System.Globalization.CultureInfo.InvariantCulture),
        };
        Touch(time);
        var first = Assert.NotNull(Stamp());

        File.WriteAllText(_file, "other");
        Touch(time);
        var second = Assert.NotNull(Stamp());
        File.WriteAllText(_file, "first");
        Touch(Now.AddYears(-40));

        Assert.NotEqual(first, second);
        Assert.Equal(first, Stamp());
    }

    [Fact]
    public void Where_there_is_much_of_it_nothing_does()
    {
        File.WriteAllBytes(_file, new byte[(8 * 1024 * 1024) + 1]);
        Touch(Now.AddYears(-40));
        Assert.Null(Stamp());

        Touch(Now.AddHours(-1));
        Assert.NotNull(Stamp());
        File.Delete(_file);
        Assert.Null(Stamp());
    }

    [Fact]
    public async Task Untouched_files_are_not_read_and_touched_ones_are()
    {
        var cache = new LayerCache(_folder["cache"]);
        var other = await new LayerBuilder(cache, 1, clock: new FakeClock()).BuildAsync([_entries[0]], ImageFormat.Oci, default);
        var first = await BuildAsync(cache);
        Assert.NotEqual(other.DiffId, first.DiffId);
        // What is recorded is not what is there: only who does not read it takes the one for the other.
        await cache.AddDiffIdAsync(Assert.NotNull(Stamp(MachineRun.Identify())), other.DiffId, default);
        Assert.Equal(other.DiffId, (await BuildAsync(cache)).DiffId);
        Touch(Now.AddMinutes(-30));
        Assert.Equal(first.DiffId, (await BuildAsync(cache)).DiffId);
    }

    [Fact]
    public async Task A_blob_that_was_touched_is_read_before_it_is_taken()
    {
        var cache = new LayerCache(_folder["cache"]);
        var first = await BuildAsync(cache);
        var blob = cache.PathOf(first.Descriptor.Digest);
        var bytes = await File.ReadAllBytesAsync(blob);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(blob, bytes);
        var second = await BuildAsync(cache);
        Assert.Equal(first.Descriptor, second.Descriptor);
        await (await second.OpenAsync(default)).CopyToAsync(Stream.Null);
    }

    [Fact]
    public async Task Those_that_are_not_used_any_more_go()
    {
        var cache = new LayerCache(_folder["cache"]);
        await BuildAsync(cache);
        var stamp = Assert.Single(Directory.GetFiles(_folder["cache/stamps"]));
        File.SetLastAccessTimeUtc(stamp, DateTime.UtcNow.AddHours(-2));
        await BuildAsync(cache);
        await cache.AddDiffIdAsync(Digest.Of("x"u8), Digest.Of("y"u8), default);
        File.SetLastAccessTimeUtc(_folder[$"cache/stamps/{Digest.Of("x"u8).Hex}"], DateTime.UtcNow.AddHours(-2));
        cache.KeepOnly([], DateTimeOffset.UtcNow.AddHours(-1));
        Assert.Equal([stamp], Directory.GetFiles(_folder["cache/stamps"]));
    }

    private Task<ILayer> BuildAsync(LayerCache cache) =>
        new LayerBuilder(cache, 1, clock: new FakeClock()).BuildAsync(_entries, ImageFormat.Oci, default);

    private Digest? Stamp(string run = "run") => LayerStamp.Of(_entries, run, Now);

    private void Touch(DateTimeOffset time) => File.SetLastWriteTimeUtc(_file, time.UtcDateTime);
}

using System.Text;
using Containerize.Hosting;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Hosting;

public sealed class UserFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_is_read_up_to_its_limit()
    {
        var file = _folder.Write("x", "12345");
        Assert.Equal("12345", Encoding.UTF8.GetString(UserFile.Read(file, 5)));
        Assert.Equal("it has more than 4 bytes", Assert.Throws<IOException>(() => UserFile.Read(file, 4)).Message);
        Assert.Throws<FileNotFoundException>(() => UserFile.Read(_folder["none"], 4));
    }

    [Fact]
    public void A_device_has_no_end()
    {
        if (!OperatingSystem.IsWindows())
            Assert.Contains(
                "more than 1000000 bytes",
                Assert.Throws<IOException>(() => UserFile.Read("/dev/zero", 1_000_000)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pipe_is_read_if_something_writes_to_it_and_waited_for_no_longer_than_half_a_minute()
    {
        if (OperatingSystem.IsWindows())
            return;
        Shell.Run(_folder.Path, "mkfifo full empty");
        var writing = Task.Run(() => Shell.Run(_folder.Path, "printf secret > full"));
        Assert.Equal("secret", Encoding.UTF8.GetString(await UserFile.ReadAsync(_folder["full"], 100, null, default)));
        await writing;

        var clock = new FakeClock();
        var reading = UserFile.ReadAsync(_folder["empty"], 100, clock, default);
        clock.Advance(TimeSpan.FromSeconds(29));
        Assert.False(reading.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("it has not been read to its end within 30 seconds", (await Assert.ThrowsAsync<IOException>(() => reading)).Message);

        // For the thread that still waits.
        Shell.Run(_folder.Path, "true > empty");
    }
}

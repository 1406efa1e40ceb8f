using Containerize.Hosting;
using Containerize.Planning.Settings;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Settings;

public sealed class CreationTimeTests
{
    [Theory]
    [InlineData("0", "1970-01-01T00:00:00")]
    [InlineData("1767225600", "2026-01-01T00:00:00")]
    [InlineData("253402300799", "9999-12-31T23:59:59")]
    public void Whole_seconds_are_a_time(string text, string expected)
    {
        Assert.True(CreationTime.TryParseEpoch(text, out var time));
        Assert.Equal(expected, time.ToString("s", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(TimeSpan.Zero, time.Offset);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData(" 1")]
    [InlineData("text")]
    [InlineData("1.5")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("0x10")]
    [InlineData("1,636,000,000")]
    [InlineData("253402300800")]
    [InlineData("9223372036854775808")]
    public void Anything_else_is_none(string text)
    {
        Assert.False(CreationTime.TryParseEpoch(text, out var time));
        Assert.Equal(default, time);
    }

    [Theory]
    [InlineData(0, "commit 0123456789012345678901234567890123456789\n1767225600\n", 1767225600L)]
    [InlineData(0, "commit 0123\r\n1767225600\r\n", 1767225600L)]
    [InlineData(128, "fatal: not a git repository\n1767225600\n", null)]
    [InlineData(0, "", null)]
    [InlineData(0, "commit 0123\nnonsense\n", null)]
    public async Task Gits_answer_is_read(int exitCode, string output, long? seconds)
    {
        var processes = new ScriptedProcesses { [CommandLine("/src")] = new ProcessOutcome(exitCode, output, "") };
        Assert.Equal(seconds, (await CreationTime.OfCommitAsync(processes, "/src", null, default))?.ToUnixTimeSeconds());
        Assert.Equal([CommandLine("/src")], processes.Runs);
    }

    [Fact]
    public async Task Without_git_there_is_no_time() =>
        Assert.Null(await CreationTime.OfCommitAsync(new ScriptedProcesses(), "/src", null, default));

    [Fact]
    public async Task A_real_repository_tells_the_committers_time()
    {
        using var folder = new TempFolder();
        Assert.Null(await CreationTime.OfCommitAsync(Runners.Real(), folder.Path, null, default));

        Shell.Run(folder.Path, "git init -q repo");
        Assert.Null(await CreationTime.OfCommitAsync(Runners.Real(), folder["repo/x"][..^2], null, default));

        Shell.Run(
            folder.Path,
            "cd repo && mkdir sub && touch sub/x && git add . && git -c user.name=n -c user.email=e -c commit.gpgsign=false commit "
                + "-q -m m && git config log.showSignature true",
            ("GIT_AUTHOR_DATE", "1000000000 +0500"), ("GIT_COMMITTER_DATE", "1234567890 -0700"));
        Assert.Equal(
            1234567890,
            (
                await CreationTime.OfCommitAsync(
                    Runners.Real(), Path.Combine(folder.Path, "repo", "sub"), null, default))?.ToUnixTimeSeconds());
    }

    // A partial clone fetches what it lacks, by a program that its own settings name.
    [Fact]
    public async Task A_repository_does_not_start_programs()
    {
        using var folder = new TempFolder();
        var marker = folder["marker"];
        Shell.Run(folder.Path, $$"""
            git init -q repo && cd repo && git -c user.name=n -c user.email=e -c commit.gpgsign=false commit -q --allow-empty -m m
            git config core.repositoryFormatVersion 1 && git config extensions.partialClone evil && git config remote.evil.promisor true
            git config remote.evil.url "ext::sh -c touch% {{marker}}" && git config protocol.ext.allow always && git config core.fsmonitor "touch {{marker}}; false"
            h=$(git rev-parse HEAD) && rm -f .git/objects/$(echo $h | cut -c1-2)/$(echo $h | cut -c3-)
            git rev-list -1 HEAD 2>&1 || true
            """);
        Assert.True(File.Exists(marker), "git is not tempted.");
        File.Delete(marker);

        Assert.Null(await CreationTime.OfCommitAsync(Runners.Real(), folder["repo/x"][..^2], null, default));

        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task A_repository_of_another_user_is_not_read_and_that_is_told()
    {
        using var folder = new TempFolder();
        Shell.Run(
            folder.Path,
            "git init -q repo && cd repo && git -c user.name=n -c user.email=e -c commit.gpgsign=false commit -q --allow-empty -m m "
                + "&& mkdir sub");
        var told = new List<string>();

        Assert.Null(await CreationTime.OfCommitAsync(new Owned(), folder["repo/sub/x"][..^2], told.Add, default));

        Assert.Equal(
            "The repository belongs to another user, so git does not read it, and the image's time is 1970-01-01. "
            + $"Set SOURCE_DATE_EPOCH, or run: git config --global --add safe.directory {folder["repo/x"][..^2]}",
            Assert.Single(told));
    }

    // Git's own tests pretend so, too: owners can be changed by root alone.
    private sealed class Owned : IProcessRunner
    {
        public Task<ProcessOutcome?> RunAsync(ProgramCall call, CancellationToken cancellationToken) =>
            Runners.Real().RunAsync(
                call with { Variables = [.. call.Variables, ("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")] }, cancellationToken);
    }

    private static string CommandLine(string directory) => $"git -C {directory} -c core.fsmonitor=false rev-list -1 --format=%ct HEAD";
}

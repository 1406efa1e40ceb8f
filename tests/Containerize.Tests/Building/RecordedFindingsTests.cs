using Containerize.Building;
using Containerize.Checks;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class RecordedFindingsTests : IDisposable
{
    private static readonly Digest Base = Digest.Of("base"u8);
    private static readonly DateTimeOffset Now = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly SampleApp _app = new();
    private readonly LayerPlan _layer;

    public RecordedFindingsTests() => _layer = new LayerPlan(
        "application",
        [Entry("App.dll", LayerEntry.FileMode), Entry(
            "libnative.so",
            LayerEntry.FileMode), Entry(
                "start.txt", 0b101_101_101), Entry("app.json", LayerEntry.FileMode), Entry("named.js", LayerEntry.FileMode)]);

    public void Dispose()
    {
        _folder.Dispose();
        _app.Dispose();
    }

    [Theory]
    [InlineData("App.dll", false)]
    [InlineData("app.json", false)]
    [InlineData("libnative.so", true)]
    [InlineData("start.txt", true)]
    [InlineData("named.js", true)]
    public void What_is_looked_into_counts_and_managed_code_does_not(string file, bool counts)
    {
        var before = Key();

        Touch(file, "changed", Now.AddDays(-1));

        Assert.Equal(counts, Key() != before);
    }

    [Fact]
    public void The_plan_the_base_and_the_machine_s_run_count()
    {
        var before = Key();

        Assert.Equal(before, Key());
        Assert.NotEqual(before, Key(planId: "another"));
        Assert.NotEqual(before, Key(baseImage: Digest.Of("another"u8)));
    }

    // As of packages, and as written just now.
    [Theory]
    [InlineData(1980)]
    [InlineData(2026)]
    public void Where_times_tell_nothing_the_content_counts(int year)
    {
        var time = year == 2026 ? Now : new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Touch("libnative.so", "one", time);
        var one = Key();
        Touch("libnative.so", "two", time);
        var two = Key();
        Touch("libnative.so", "one", time);

        Assert.NotEqual(one, two);
        Assert.Equal(one, Key());
    }

    [Fact]
    public void Where_a_link_may_lead_to_the_users_nothing_is_known() =>
        Assert.Null(
            RecordedFindings.KeyOf(
                Plan with { Layers = [new LayerPlan("files", [LayerEntry.Link("etc/passwd", "accounts.json")])] }, "plan", Base, Now));

    [Fact]
    public void What_cannot_be_read_is_not_known()
    {
        File.Delete(_folder["libnative.so"]);

        Assert.Null(Key());
    }

    [Fact]
    public async Task What_was_found_is_told_for_the_same_key_alone()
    {
        var record = new RecordedFindings(_folder["record/findings"]);
        Assert.False(record.Exist);
        Assert.Null(await record.FindAsync(Base, default));
        Finding[] findings = [new("CTZ6001", "one", "One, with “quotes”\nand a line."), new("CTZ6009", "two", "Two.")];

        await record.WriteAsync(Base, new FitResult(findings, "a label", FitSource.Files), default);

        Assert.True(record.Exist);
        var found = await record.FindAsync(Base, default);
        Assert.Equal(findings, found!.Findings);
        Assert.Equal(("a label", FitSource.Record), (found.Label, found.Source));
        Assert.Null(await record.FindAsync(Digest.Of("another"u8), default));
        await record.WriteAsync(Base, new FitResult([], null, FitSource.Label), default);
        found = await record.FindAsync(Base, default);
        Assert.Empty(found!.Findings);
        Assert.Null(found.Label);
    }

    [Fact]
    public async Task A_record_that_is_not_whole_is_none()
    {
        var record = new RecordedFindings(_folder["findings"]);
        await record.WriteAsync(
            Base, new FitResult([new("CTZ6001", "one", "One."), new("CTZ6009", "two", "Two.")], "label", FitSource.Files), default);
        var whole = await File.ReadAllBytesAsync(_folder["findings"]);

        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(_folder["findings"], whole[..length]);
            Assert.Null(await record.FindAsync(Base, default));
        }
    }

    private ImagePlan Plan => _app.Plan("registry.example/base:1") with
    {
        Layers = [_layer],
        Config = _app.Plan("registry.example/base:1").Config with { Command = new CommandPlan { Entrypoint = ["sh -c", "exec ./named.js --x"] } },
    };

    private Digest? Key(string planId = "plan", Digest? baseImage = null) => RecordedFindings.KeyOf(
        Plan, planId, baseImage ?? Base, Now);

    private LayerEntry Entry(string name, int mode)
    {
        Touch(name, name, Now.AddDays(-2));
        return new LayerEntry("app/" + name, LayerEntryKind.File, _folder[name], mode);
    }

    private void Touch(string name, string content, DateTimeOffset time)
    {
        _folder.Write(name, content);
        File.SetLastWriteTimeUtc(_folder[name], time.UtcDateTime);
    }
}

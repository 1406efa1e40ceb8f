using Containerize.Building;
using Containerize.Files;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Stores;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>Which source answers a check, and what it costs.</summary>
public sealed class FitCheckRunTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly TempFolder _folder = new();
    private readonly SampleApp _app = new();
    private int _read;
    private int _asked;
    private string? _label;

    public void Dispose()
    {
        _folder.Dispose();
        _app.Dispose();
    }

    [Fact]
    public async Task A_machine_that_has_nothing_believes_the_label_and_the_next_build_its_record()
    {
        var first = await RunAsync(record: "one");
        Assert.Equal((FitSource.Files, 1, 1), (first.Source, _read, _asked));
        Assert.NotNull(first.Label);
        Assert.NotEmpty(first.Findings);

        _label = first.Label;
        var fresh = await RunAsync(record: "two");
        Assert.Equal((FitSource.Label, 1, 2), (fresh.Source, _read, _asked));
        Assert.Equal(first.Label, fresh.Label);
        Assert.Equal(
            first.Findings.Select(finding => (finding.Code, finding.Summary)),
            fresh.Findings.Select(finding => (finding.Code, finding.Summary)));

        var again = await RunAsync(record: "two");
        Assert.Equal((FitSource.Record, 1, 2), (again.Source, _read, _asked));
        Assert.Equal((first.Label, fresh.Findings.Count), (again.Label, again.Findings.Count));
    }

    [Fact]
    public async Task An_error_is_looked_for_in_the_files()
    {
        _label = (await RunAsync(record: "one")).Label;
        var result = await RunAsync(record: "two", isForWarnings: false);
        Assert.Equal((FitSource.Files, 2, 1), (result.Source, _read, _asked));
    }

    [Fact]
    public async Task Files_that_are_here_are_looked_at()
    {
        _label = (await RunAsync(record: "one")).Label;
        var result = await RunAsync(record: "two", isKnown: true);
        Assert.Equal((FitSource.Files, 2, 1), (result.Source, _read, _asked));
        Assert.Equal(_label, result.Label);
    }

    [Fact]
    public async Task The_label_of_other_inputs_is_not_believed()
    {
        _label = (await RunAsync(record: "one")).Label;
        var result = await RunAsync(record: "two", change: config => config.SetUser("nobody"));
        Assert.Equal((FitSource.Files, 2, 2), (result.Source, _read, _asked));
        Assert.NotEqual(_label, result.Label);
    }

    [Fact]
    public async Task Without_labels_nothing_is_fetched_for_warnings()
    {
        var plan = Plan with { Config = Plan.Config with { LabelFit = false } };
        var result = await RunAsync("one", plan: plan);
        Assert.Equal((FitSource.None, 0, 0, null), (result.Source, _read, _asked, result.Label));
        Assert.Empty(result.Findings);
        Assert.Equal(FitSource.Files, (await RunAsync("one", plan: plan, isForWarnings: false)).Source);
    }

    [Fact]
    public async Task What_could_not_be_read_is_told_and_not_recorded()
    {
        var result = await RunAsync("one", failure: new InvalidDataException("damaged"));
        Assert.Equal(ErrorCodes.BaseNotChecked, Assert.Single(result.Findings).Code);
        Assert.Null(result.Label);
        Assert.Equal(FitSource.Files, (await RunAsync("one")).Source);
    }

    private ImagePlan Plan
    {
        get
        {
            var plan = _app.Plan("registry.example/base:1");
            return plan with { Config = plan.Config with { LabelFit = true } };
        }
    }

    private Task<FitResult> RunAsync(
        string record,
        bool isForWarnings = true,
        bool isKnown = false,
        ImagePlan? plan = null,
        Action<ImageConfig.Editor>? change = null,
        Exception? failure = null)
    {
        plan ??= Plan;
        var config = ImageConfig.Empty(plan.Platform).With(
            editor =>
            {
                editor.SetEntrypoint(["/app/none"]);
                change?.Invoke(editor);
            },
            ImageFormat.Oci);
        var run = new FitCheckRun(
            plan,
            "plan",
            ScratchSource.ImageFor(plan.Platform),
            new RecordedFindings(_folder[record]),
            Now) { IsForWarnings = isForWarnings, BaseIsKnown = isKnown };
        return run.RunAsync(
            config,
            () =>
            {
                _read++;
                return failure is null ? Task.FromResult(new ImageTree()) : Task.FromException<ImageTree>(failure);
            },
            () =>
            {
                _asked++;
                return Task.FromResult(_label);
            },
            default);
    }
}

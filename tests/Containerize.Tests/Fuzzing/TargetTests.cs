using Containerize.Fuzz.Inputs;
using Containerize.Fuzz.Targets;
using Containerize.Testing;

namespace Containerize.Tests.Fuzzing;

/// <summary>Keeps the targets of Containerize.Fuzz alive. Looking for defects takes longer and is done by hand (docs/testing.md).</summary>
public sealed class TargetTests
{
    private const int Inputs = 60;

    public static TheoryData<string> Names => [.. All.Targets.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_target_bears_its_corpus_and_what_is_made_of_it(string name)
    {
        var crash = new RandomRun(All.Find(name)!, Corpus.Of(name), seed: 1).Find(Inputs);
        Assert.True(crash is null, $"Input {crash?.Number}: {Convert.ToBase64String(crash?.Input ?? [])}\n{crash?.Exception}");
    }

    [Fact]
    public void Every_target_has_inputs_to_start_from_and_no_folder_is_forgotten() => Assert.Equal(
        Directory.GetDirectories(Repository.PathOf("tests", "Containerize.Fuzz", "Corpus")).Select(Path.GetFileName)
            .Order(StringComparer.Ordinal),
        All.Targets.Where(target => Corpus.Of(target.Name).Count > 0).Select(target => target.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void The_corpus_is_what_the_targets_are_for()
    {
        // Inputs that are all refused would keep the targets alive and test nothing.
        foreach (var input in Corpus.Of("manifest"))
            Containerize.Images.ImageManifest.Read(
                new Containerize.Images.ImageDocument(Containerize.Images.MediaTypes.OciManifest, input));
        foreach (var input in Corpus.Of("config"))
            Containerize.Images.ImageConfig.Read(new Containerize.Images.ImageDocument(Containerize.Images.MediaTypes.OciConfig, input));
    }

    [Fact]
    public void A_crash_is_found_and_found_again()
    {
        var target = new Target("short", input => ArgumentOutOfRangeException.ThrowIfLessThan(input.Length, 3));
        Crash Find() => new RandomRun(target, ["abcd"u8.ToArray()], seed: 5).Find(10_000)!;
        var crash = Find();
        Assert.IsType<ArgumentOutOfRangeException>(crash.Exception);
        Assert.InRange(crash.Input.Length, 0, 2);
        Assert.Equal((crash.Number, Convert.ToHexString(crash.Input)), (Find().Number, Convert.ToHexString(Find().Input)));
    }
}

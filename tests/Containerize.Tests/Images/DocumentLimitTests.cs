using System.Text;
using Containerize.Images;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Images;

/// <summary>How much of a document is read: as much as any image has, and no more.</summary>
public sealed class DocumentLimitTests
{
    private static string Descriptor_ => $$"""{"mediaType":"m","digest":"{{Documents.Hash('1')}}","size":1}""";

    [Fact]
    public void A_manifest_lists_a_thousand_layers_at_the_most() => Limited(
        Limits.LayersOfImage,
        count => ImageManifest.Read(Documents.Of($$"""{"config":{{Descriptor_}},"layers":[{{Many(Descriptor_, count)}}]}""")).Layers.Count,
        "more than 1000 layers");

    [Fact]
    public void An_index_lists_ten_thousand_images_at_the_most() => Limited(
        Limits.ImagesOfIndex, count => ImageIndex.Read(Documents.Of($$"""{"manifests":[{{Many(Descriptor_, count)}}]}""")).Manifests.Count, "more than 10000 images");

    [Fact]
    public void A_config_lists_a_thousand_layers_at_the_most() => Limited(
        Limits.LayersOfImage,
        count => ImageConfig.Read(Documents.Of($$$"""{"os":"linux","rootfs":{"diff_ids":[{{{Many($"\"{Documents.Hash('1')}\"", count)}}}]}}""")).DiffIds.Count,
        "more than 1000 layers");

    [Fact]
    public void A_history_has_ten_thousand_lines_at_the_most() => Limited(
        Limits.HistoryOfImage, count => ImageConfig.Read(Documents.Of($$"""{"os":"linux","history":[{{Many("{}", count)}}]}""")).LayersInHistory, "more than 10000 lines");

    /// <summary>Whatever the names and values are and wherever they stand, they are counted before any of them is kept.</summary>
    [Fact]
    public void Names_and_values_have_a_limit_wherever_they_stand() => Gen.Select(
        Gen.OneOf("0", "\"\"", "[]", "{}", "null", "[1]", """{"a":1}"""),
        Gen.OneOf("""{"x":[""", """{"config":{"Env":[""", """{"config":{"Labels":{"a":[""", """{"x":[[[[["""),
        Gen.Int[Limits.DocumentTokens, Limits.DocumentTokens * 3 / 2])
        .Holds(
            given =>
            {
                var (value, start, count) = given;
                var content = Encoding.UTF8.GetBytes(start + Many(value, count));
                var before = GC.GetAllocatedBytesForCurrentThread();
                Assert.Contains(
                    "more than 600000 names and values",
                    Assert.Throws<FormatException>(() => _ = Json.ParseObject(content)).Message,
                    StringComparison.Ordinal);
                Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
            },
            cases: 12);

    [Fact]
    public void As_many_names_and_values_as_may_be_are_read()
    {
        // {, "x", [, ], }
        Assert.Equal(Limits.DocumentTokens - 5, Json.ParseObject(Encoding.UTF8.GetBytes($$"""{"x":[{{Many("0", Limits.DocumentTokens - 5)}}]}""")).RequiredArray("x").Count());
        Assert.Throws<FormatException>(() => Json.ParseObject(Encoding.UTF8.GetBytes($$"""{"x":[{{Many("0", Limits.DocumentTokens - 4)}}]}""")));
    }

    [Theory]
    [InlineData(63, true)]
    [InlineData(64, false)]
    [InlineData(100_000, false)]
    public void Levels_have_a_limit(int depth, bool isRead)
    {
        var content = Encoding.UTF8.GetBytes($$"""{"x":{{new string('[', depth)}}{{new string(']', depth)}}}""");
        if (isRead)
            Json.ParseObject(content);
        else
            Assert.Throws<FormatException>(() => Json.ParseObject(content));
    }

    [Fact]
    public void Sizes_have_a_limit_below_which_their_sum_is_a_number()
    {
        string Sized(long size) => Descriptor_.Replace("\"size\":1", $"\"size\":{size}", StringComparison.Ordinal);
        var manifest = ImageManifest.Read(Documents.Of($$"""{"config":{{Descriptor_}},"layers":[{{Many(Sized(Limits.BlobBytes), Limits.LayersOfImage)}}]}"""));
        Assert.Equal(Limits.BlobBytes * Limits.LayersOfImage, manifest.Layers.Sum(layer => layer.Size));
        Assert.Throws<FormatException>(() => Descriptor.Read(Documents.Element(Sized(Limits.BlobBytes + 1))));
        Assert.Throws<FormatException>(() => Descriptor.Read(Documents.Element(Sized(long.MaxValue))));
    }

    [Fact]
    public async Task A_file_is_read_up_to_its_limit()
    {
        using var folder = new TempFolder();
        foreach (var (size, most) in new[] { (0, 0), (0, 10), (10, 10), (5000, 5000), (100_000, 200_000) })
        {
            var content = new byte[size];
            new Random(size).NextBytes(content);
            var path = folder.Write("file", content);
            Assert.Equal(content, ForeignFile.Read(path, most));
            Assert.Equal(content, await ForeignFile.ReadAsync(path, most, default));
            Assert.Null(ForeignFile.Read(folder.Write("larger", [.. content, .. new byte[most - size + 1]]), most));
            Assert.Null(await ForeignFile.ReadAsync(folder["larger"], most, default));
        }

        // Says that it is empty, and has some kilobytes.
        if (OperatingSystem.IsLinux())
        {
            Assert.StartsWith("Name:", Encoding.UTF8.GetString(ForeignFile.Read("/proc/self/status", 100_000)!), StringComparison.Ordinal);
            Assert.Null(ForeignFile.Read("/proc/self/status", 100));
        }
    }

    private static void Limited(int most, Func<int, int> read, string message)
    {
        Assert.Equal(most, read(most));
        Assert.Contains(message, Assert.Throws<FormatException>(() => read(most + 1)).Message, StringComparison.Ordinal);
    }

    private static string Many(string element, int count) => string.Join(',', Enumerable.Repeat(element, count));
}

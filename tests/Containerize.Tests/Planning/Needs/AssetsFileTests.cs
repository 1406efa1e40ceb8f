using Containerize.Planning.Needs;
using Containerize.Tests.Support;
using Xunit;

namespace Containerize.Tests.Planning.Needs;

public sealed class AssetsFileTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("""{ "targets": { "net10.0": { "Lib/1.0.0": { "frameworkReferences": ["Microsoft.AspNetCore.App"] } } } }""", "Microsoft.AspNetCore.App")]
    [InlineData("""{ "targets": { "net10.0/linux-x64": { "Lib/1.0.0": { "frameworkReferences": ["A", "B"] }, "Other/1": {} } } }""", "A,B")]
    [InlineData("""{ "targets": { "net9.0": { "Lib/1.0.0": { "frameworkReferences": ["A"] } }, "net10.0-windows": { "L/1": { "frameworkReferences": ["W"] } } } }""", "")]
    [InlineData("""{ "targets": { "net10.0": { "Lib/1.0.0": { "frameworkReferences": [1, null, {}] }, "x": 1 } } }""", "")]
    [InlineData("""{ "targets": { "net10.0": [] } }""", "")]
    [InlineData("""{ "targets": 1 }""", "")]
    [InlineData("[]", "")]
    [InlineData("{", "")]
    public void The_frameworks_of_libraries(string content, string expected) =>
        Assert.Equal(
            expected, string.Join(',', AssetsFile.FrameworkReferences(_folder.Write("project.assets.json", content), "net10.0").Order()));

    [Fact]
    public void Without_a_file_there_are_none() =>
        Assert.Empty(AssetsFile.FrameworkReferences(Path.Combine(_folder.Path, "none"), "net10.0"));
}

using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class StaticAssetEndpointsTests : IDisposable
{
    private const string Published = """
        {"Version":1,"ManifestType":"Publish","Endpoints":[{"Route":"a.css","AssetFile":"a.css","ResponseHeaders":[
        {"Name":"Cache-Control","Value":"no-cache"},{"Name":"ETag","Value":"\"x=\""},{"Name":"Last-Modified","Value":"Mon, 23 Nov 2026 14:03:02 GMT"}]},
        {"Route":"ü.js","ResponseHeaders":[{ "Name" : "Last-Modified" , "Value" : "Tue, 24 Nov 2026 14:03:02 GMT" },{"Name":"X-Last-Modified","Value":"mine"}]}]}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Times_are_fixed_and_nothing_else_changes()
    {
        var source = _folder.Write("publish/App" + StaticAssetEndpoints.Suffix, Published);
        var copy = StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj/new"));
        var expected = Published
            .Replace("Mon, 23 Nov 2026 14:03:02 GMT", "Tue, 01 Jan 1980 00:00:00 GMT", StringComparison.Ordinal)
            .Replace("Tue, 24 Nov 2026 14:03:02 GMT", "Tue, 01 Jan 1980 00:00:00 GMT", StringComparison.Ordinal);
        Assert.Equal(expected, File.ReadAllText(copy));
        Assert.Equal(Published, File.ReadAllText(source));
        Assert.Equal(Path.Combine(_folder.Path, "obj", "new", "App" + StaticAssetEndpoints.Suffix), copy);
    }

    [Fact]
    public void A_copy_that_is_right_is_left_alone()
    {
        var source = _folder.Write("App" + StaticAssetEndpoints.Suffix, Published);
        var copy = StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
        File.SetLastWriteTimeUtc(copy, new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
        Assert.Equal(2001, File.GetLastWriteTimeUtc(copy).Year);

        _folder.Write("App" + StaticAssetEndpoints.Suffix, "{}");
        StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
        Assert.Equal("{}", File.ReadAllText(copy));
    }
}

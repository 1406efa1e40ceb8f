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
    public void A_copy_of_this_very_source_is_left_alone()
    {
        var source = _folder.Write("App" + StaticAssetEndpoints.Suffix, Published);
        File.SetLastWriteTimeUtc(source, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(67));
        var copy = Normalize();
        Assert.Equal(File.GetLastWriteTimeUtc(source), File.GetLastWriteTimeUtc(copy));

        // Only who does not read them takes them for the same.
        Rewrite(copy, "kept");
        Normalize();
        Assert.Equal("kept", File.ReadAllText(copy));

        _folder.Write("App" + StaticAssetEndpoints.Suffix, "{}");
        Normalize();
        Assert.Equal("{}", File.ReadAllText(copy));

        string Normalize() => StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
    }

    // As archives and packages have them: many files carry the same.
    [Fact]
    public void A_time_of_whole_seconds_says_nothing()
    {
        var source = _folder.Write("App" + StaticAssetEndpoints.Suffix, "{}");
        File.SetLastWriteTimeUtc(source, new DateTime(1980, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var copy = StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
        Rewrite(source, "[]");

        StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));

        Assert.Equal("[]", File.ReadAllText(copy));
    }

    private static void Rewrite(string path, string content)
    {
        var time = File.GetLastWriteTimeUtc(path);
        File.WriteAllText(path, content);
        File.SetLastWriteTimeUtc(path, time);
    }
}

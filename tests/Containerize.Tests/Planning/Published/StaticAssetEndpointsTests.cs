using System.Globalization;
using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

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
        var copy = Normalize(Published);
        var old = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(copy, old);

        Normalize(Published);

        Assert.Equal(old, File.GetLastWriteTimeUtc(copy));
        Assert.Equal([Path.GetFileName(copy)], Directory.GetFiles(Path.GetDirectoryName(copy)!).Select(Path.GetFileName));
    }

    // A step of the project's own may give all files one time, and fingerprints have one length.
    [Theory]
    [InlineData("1980-01-01T00:00:00Z")]
    [InlineData("2026-01-02T03:04:05.678Z")]
    public void Another_content_of_the_same_size_and_time_comes_in_a_file_of_its_own(string time)
    {
        var at = DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
        var copy = Normalize("{}", at);
        using var open = File.Open(copy, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);

        Normalize("[]", at);

        Assert.Equal("[]", File.ReadAllText(copy));
        Assert.Equal("{}", new StreamReader(open).ReadToEnd());
    }

    [Fact]
    public void A_damaged_copy_is_made_anew()
    {
        var copy = Normalize("{}");
        var time = File.GetLastWriteTimeUtc(copy);
        File.WriteAllText(copy, "[]");
        File.SetLastWriteTimeUtc(copy, time);

        Normalize("{}");

        Assert.Equal("{}", File.ReadAllText(copy));
    }

    [Theory]
    [InlineData("""{"Name":"Last-Modified"}""")]
    [InlineData("""{"Name":"Last-Modified","Value":7}""")]
    [InlineData("""{"Name":"Last-Modified","Value":"Mon""")]
    [InlineData("""{"Name":"Last-Modified",""")]
    [InlineData("""["Last-Modified","Value":"Mon"]""")]
    [InlineData("""{"Header":"Last-Modified","Value":"Mon"}""")]
    [InlineData("\"Last-Modified\"")]
    public void What_looks_only_like_a_time_stays(string content) => Assert.Equal(content, File.ReadAllText(Normalize(content)));

    // The SDK orders them by where their files lie, of which obj may be elsewhere.
    [Fact]
    public void Endpoints_of_one_route_come_in_one_order()
    {
        const string one = """{"Route":"a.js","AssetFile":"a.js"}""";
        const string two = """{"Selectors":[{"Name":"x"}],"Route":"a.js","AssetFile":"a.js.gz"}""";
        const string other = """{"Route":"b.js","AssetFile":"0.js"}""";
        var expected = $$"""{"Version":1,"Endpoints":[{{one}},{{two}} , {{other}}],"More":[2,1]}""";

        Assert.Equal(expected, File.ReadAllText(Normalize(expected)));
        Assert.Equal(expected, File.ReadAllText(Normalize($$"""{"Version":1,"Endpoints":[{{two}},{{one}} , {{other}}],"More":[2,1]}""")));
        // Routes keep their order.
        var routes = $$"""{"Endpoints":[{{other}},{{one}}]}""";
        Assert.Equal(routes, File.ReadAllText(Normalize("\ufeff" + routes)).TrimStart('\ufeff'));
    }

    private string Normalize(string published, DateTime? time = null)
    {
        var source = _folder.Write("App" + StaticAssetEndpoints.Suffix, published);
        if (time is { } at)
            File.SetLastWriteTimeUtc(source, at);
        return StaticAssetEndpoints.Normalize(source, Path.Combine(_folder.Path, "obj"));
    }
}

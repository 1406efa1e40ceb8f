using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Containerize.Planning.Published;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning.Published;

public sealed class AssemblyPathsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, FolderDependence.Paths)]
    [InlineData(false, FolderDependence.None)]
    public void An_unmapped_path_counts_where_it_is_of_this_machine(bool exists, FolderDependence expected) =>
        Assert.Equal(
            expected,
            AssemblyPaths.DependenceOf(Assembly(exists ? Path.Combine(_folder.Path, "Shop.pdb") : "/home/nobody-here/shop/obj/Shop.pdb")));

    [Theory]
    [InlineData("/_/src/Shop/obj/Shop.pdb")]
    [InlineData("/_1/Shop.pdb")]
    [InlineData("Shop.pdb")]
    public void A_mapped_one_is_none(string symbols) => Assert.Equal(FolderDependence.None, AssemblyPaths.DependenceOf(Assembly(symbols)));

    [Theory]
    [InlineData("/_/App/Program.cs", "C#", FolderDependence.None)]
    [InlineData("/_/App/obj/Release/net10.0/Razor/Pages_Index_cshtml.g.cs", "C#", FolderDependence.Razor)]
    [InlineData("/_/App/obj/Release/net10.0/Razor/App_razor.g.cs", "C#", FolderDependence.Razor)]
    [InlineData("/_/App/Program.fs", "F#", FolderDependence.FSharp)]
    [InlineData("EXISTING/Linked.cs", "C#", FolderDependence.Paths)]
    [InlineData("/home/nobody-here/Generated.cs", "C#", FolderDependence.None)]
    public void Whatever_the_kind_of_symbols_their_documents_tell(string document, string language, FolderDependence expected)
    {
        document = document.Replace("EXISTING", _folder.Path, StringComparison.Ordinal);
        var beside = Path.Combine(_folder.Path, "beside.pdb");

        Assert.Equal(expected, AssemblyPaths.DependenceOf(Assembly("/_/Shop.pdb", Symbols(document, language), embed: true)));
        var (assembly, symbols) = (Assembly("/_/Shop.pdb", Symbols(document, language), embed: false), Symbols(document, language).Content);
        File.WriteAllBytes(beside, symbols);
        Assert.Equal(expected, AssemblyPaths.DependenceOf(assembly, Path.Combine(_folder.Path, "missing.pdb"), beside));
        // Of another build.
        File.WriteAllBytes(beside, Symbols("/_/Other.fs", "F#", id: 9).Content);
        Assert.Equal(FolderDependence.None, AssemblyPaths.DependenceOf(assembly, beside));
    }

    [Fact]
    public void The_frameworks_own_is_none() =>
        Assert.Equal(FolderDependence.None, AssemblyPaths.DependenceOf(typeof(object).Assembly.Location));

    [Theory]
    [InlineData("")]
    [InlineData("MZ but no more")]
    public void What_is_no_assembly_has_none(string content) =>
        Assert.Equal(FolderDependence.None, AssemblyPaths.DependenceOf(_folder.Write("x.dll", content)));

    private static (byte[] Content, BlobContentId Id) Symbols(string document, string language, byte id = 1)
    {
        var metadata = new MetadataBuilder();
        var languageId = language == "F#"
            ? new Guid("ab4f38c9-b6e6-43ba-be3b-58080b2ccce3")
            : new Guid("3f5162f8-07c6-11d3-9053-00c04fa302a1");
        metadata.AddDocument(metadata.GetOrAddDocumentName(document), default, default, metadata.GetOrAddGuid(languageId));
        var content = new BlobBuilder();
        var contentId = new BlobContentId(new Guid(id, 0, 0, new byte[8]), id);
        new PortablePdbBuilder(metadata, [.. new int[MetadataTokens.TableCount]], default, _ => contentId).Serialize(content);
        return (content.ToArray(), contentId);
    }

    private string Assembly(string path, (byte[] Content, BlobContentId Id)? symbols = null, bool embed = false)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("Shop.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        var debug = new DebugDirectoryBuilder();
        debug.AddCodeViewEntry(path, symbols?.Id ?? new BlobContentId(Guid.Empty, 1), 0x100);
        if (embed)
        {
            var content = new BlobBuilder();
            content.WriteBytes(symbols!.Value.Content);
            debug.AddEmbeddedPortablePdbEntry(content, 0x100);
        }

        var image = new BlobBuilder();
        new ManagedPEBuilder(
            PEHeaderBuilder.CreateLibraryHeader(),
            new MetadataRootBuilder(metadata),
            new BlobBuilder(),
            debugDirectoryBuilder: debug).Serialize(image);
        var file = Path.Combine(_folder.Path, "Shop.dll");
        File.WriteAllBytes(file, image.ToArray());
        return file;
    }
}

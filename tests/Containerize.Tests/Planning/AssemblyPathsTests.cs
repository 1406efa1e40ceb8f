using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Containerize.Planning;
using Containerize.Tests.Support;

namespace Containerize.Tests.Planning;

public sealed class AssemblyPathsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("/home/ada/shop/obj/Release/Shop.pdb", "/home/ada/shop/obj/Release")]
    [InlineData("/_/src/Shop/obj/Shop.pdb", null)]
    [InlineData("/_1/Shop.pdb", null)]
    [InlineData("Shop.pdb", null)]
    public void The_folder_that_the_compiler_wrote_is_found(string symbols, string? folder)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString("Shop.dll"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        var debug = new DebugDirectoryBuilder();
        debug.AddCodeViewEntry(symbols, new BlobContentId(Guid.Empty, 1), 0x100);
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder(), debugDirectoryBuilder: debug).Serialize(image);
        var path = Path.Combine(_folder.Path, "Shop.dll");
        File.WriteAllBytes(path, image.ToArray());

        Assert.Equal(folder, AssemblyPaths.FolderIn(path));
    }

    [Fact]
    public void A_mapped_one_is_none() => Assert.Null(AssemblyPaths.FolderIn(typeof(object).Assembly.Location));

    [Theory]
    [InlineData("")]
    [InlineData("MZ but no more")]
    public void What_is_no_assembly_has_none(string content) => Assert.Null(AssemblyPaths.FolderIn(_folder.Write("x.dll", content)));
}

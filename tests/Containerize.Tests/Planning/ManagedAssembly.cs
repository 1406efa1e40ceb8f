using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Containerize.Tests.Planning;

/// <summary>A managed assembly that holds nothing but references to types, and where a <c>::</c> follows, to their members.</summary>
internal static class ManagedAssembly
{
    public static byte[] ReferringTo(params string[] names)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(
            0,
            metadata.GetOrAddString("Test.dll"),
            metadata.GetOrAddGuid(new Guid("6f1f2d3c-8a51-4b53-9d3e-2f9a4c3b1a00")),
            default,
            default);
        metadata.AddAssembly(metadata.GetOrAddString("Test"), new Version(1, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(
            default,
            default,
            metadata.GetOrAddString("<Module>"),
            default,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));
        var library = metadata.AddAssemblyReference(
            metadata.GetOrAddString("netstandard"), new Version(2, 0, 0, 0), default, default, default, default);
        foreach (var name in names)
        {
            var (type, member) = name.Split("::") is [var first, var second] ? (first, second) : (name, null);
            var dot = type.LastIndexOf('.');
            var reference = metadata.AddTypeReference(
                library, metadata.GetOrAddString(type[..dot]), metadata.GetOrAddString(type[(dot + 1)..]));
            if (member is not null)
                // void Member()
                metadata.AddMemberReference(reference, metadata.GetOrAddString(member), metadata.GetOrAddBlob(new byte[] { 0, 0, 1 }));
        }

        var builder = new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder());
        var image = new BlobBuilder();
        builder.Serialize(image);
        return image.ToArray();
    }
}

using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>Makes an assembly with one empty public class, without a compiler: enough to be referenced, copied and published.</summary>
internal static class AssemblyCreator
{
    public static byte[] Create(string name, string @namespace, string className, Version version, string targetFramework)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString(name + ".dll"), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), version, default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(
            default,
            default,
            metadata.GetOrAddString("<Module>"),
            default,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));

        var core = CoreLibrary(targetFramework);
        var coreReference = metadata.AddAssemblyReference(
            metadata.GetOrAddString(core.Name!),
            core.Version!,
            default,
            metadata.GetOrAddBlob(core.GetPublicKeyToken()!),
            default,
            default);
        var objectType = metadata.AddTypeReference(coreReference, metadata.GetOrAddString("System"), metadata.GetOrAddString("Object"));

        var code = new BlobBuilder();
        AddConstructor(metadata, code, objectType);
        metadata.AddTypeDefinition(
            TypeAttributes.Public | TypeAttributes.Class | TypeAttributes.BeforeFieldInit,
            metadata.GetOrAddString(@namespace),
            metadata.GetOrAddString(className),
            objectType,
            MetadataTokens.FieldDefinitionHandle(1),
            MetadataTokens.MethodDefinitionHandle(1));

        var image = new BlobBuilder();
        new ManagedPEBuilder(new PEHeaderBuilder(imageCharacteristics: Characteristics.Dll), new MetadataRootBuilder(metadata), code)
            .Serialize(image);
        return image.ToArray();
    }

    // public Class() : base() { }
    private static void AddConstructor(MetadataBuilder metadata, BlobBuilder code, EntityHandle baseType)
    {
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature(isInstanceMethod: true).Parameters(0, returnType => returnType.Void(), _ => { });
        var signatureHandle = metadata.GetOrAddBlob(signature);
        var baseConstructor = metadata.AddMemberReference(baseType, metadata.GetOrAddString(".ctor"), signatureHandle);

        var body = new InstructionEncoder(new BlobBuilder());
        body.LoadArgument(0);
        body.Call(baseConstructor);
        body.OpCode(ILOpCode.Ret);

        metadata.AddMethodDefinition(
            MethodAttributes.Public | MethodAttributes.HideBySig | MethodAttributes.SpecialName | MethodAttributes.RTSpecialName,
            MethodImplAttributes.IL,
            metadata.GetOrAddString(".ctor"),
            signatureHandle,
            new MethodBodyStreamEncoder(code).AddMethodBody(body),
            default);
    }

    // Where System.Object lives for a compiler that targets the framework.
    private static AssemblyName CoreLibrary(string targetFramework) => targetFramework switch
    {
        _ when targetFramework.StartsWith("netstandard", StringComparison.OrdinalIgnoreCase) =>
            new AssemblyName("netstandard, Version=2.0.0.0, PublicKeyToken=cc7b13ffcd2ddd51"),
        _ when !targetFramework.Contains('.', StringComparison.Ordinal) =>
            new AssemblyName("mscorlib, Version=4.0.0.0, PublicKeyToken=b77a5c561934e089"),
        _ => new AssemblyName("System.Runtime, Version=8.0.0.0, PublicKeyToken=b03f5f7f11d50a3a"),
    };
}

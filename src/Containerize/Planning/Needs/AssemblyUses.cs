using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Containerize.Planning.Needs;

/// <summary>What of the operating system an assembly makes use of through the framework.</summary>
[Flags]
public enum AssemblyUses
{
    /// <summary>Nothing of these.</summary>
    None = 0,

    /// <summary>OpenSSL, which .NET's cryptography and TLS are on Linux.</summary>
    OpenSsl = 1,

    /// <summary>The certificates of authorities, since it connects to servers.</summary>
    TlsClient = 2,

    /// <summary>The files of time zones.</summary>
    TimeZones = 4,

    /// <summary>All of these.</summary>
    All = 7,
}

/// <summary>Reads what an assembly refers to. Its code is not looked at: a list of names, a few kilobytes, tells.</summary>
internal static class AssemblyReferences
{
    private const string Cryptography = "System.Security.Cryptography";

    // Names, constants, Windows' own and comparisons: these need no OpenSSL.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal)
    {
        "CryptographicException", "CryptographicUnexpectedOperationException", "CryptographicOperations", "HashAlgorithmName",
        "CryptoStreamMode",
        "CipherMode", "PaddingMode", "ProtectedData", "DataProtectionScope", "Oid",
    };

    private static readonly (string Namespace, string Name)[] Clients =
    [
        ("System.Net.Http", "HttpClient"), ("System.Net.Http", "HttpMessageInvoker"), ("System.Net.Http", "HttpClientHandler"),
        ("System.Net.Http", "SocketsHttpHandler"), ("System.Net.Security", "SslStream"), ("System.Net.WebSockets", "ClientWebSocket"),
        ("System.Net", "HttpWebRequest"), ("System.Net", "WebRequest"), ("System.Net", "WebClient"),
    ];

    private static readonly string[] TimeZoneLookups =
        ["FindSystemTimeZoneById", "TryFindSystemTimeZoneById", "ConvertTimeBySystemTimeZoneId", "GetSystemTimeZones"];

    /// <summary>What the assembly uses; nothing for what is no assembly or cannot be read.</summary>
    public static AssemblyUses Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var image = new PEReader(file);
            return image.HasMetadata ? Read(image.GetMetadataReader()) : AssemblyUses.None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or BadImageFormatException)
        {
            return AssemblyUses.None;
        }
    }

    private static AssemblyUses Read(MetadataReader metadata)
    {
        var uses = AssemblyUses.None;
        var text = metadata.StringComparer;
        foreach (var handle in metadata.TypeReferences)
        {
            var type = metadata.GetTypeReference(handle);
            if (text.StartsWith(type.Namespace, Cryptography))
            {
                if (!Harmless.Contains(metadata.GetString(type.Name)))
                    uses |= AssemblyUses.OpenSsl;
            }
            else if (Clients.Any(client => text.Equals(type.Name, client.Name) && text.Equals(type.Namespace, client.Namespace)))
            {
                uses |= AssemblyUses.OpenSsl | AssemblyUses.TlsClient;
            }
        }

        foreach (var handle in metadata.MemberReferences)
        {
            var member = metadata.GetMemberReference(handle);
            if (member.Parent.Kind == HandleKind.TypeReference
                && TimeZoneLookups.Any(name => text.Equals(member.Name, name))
                && metadata.GetTypeReference((TypeReferenceHandle)member.Parent) is var parent
                && text.Equals(parent.Name, "TimeZoneInfo") && text.Equals(parent.Namespace, "System"))
                uses |= AssemblyUses.TimeZones;
        }

        return uses;
    }
}

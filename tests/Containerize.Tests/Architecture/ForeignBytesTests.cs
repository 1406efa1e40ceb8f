using System.Text.RegularExpressions;
using Containerize.Testing;

namespace Containerize.Tests.Architecture;

/// <summary>
/// Foreign bytes are read in few places, all of which have limits (docs/design/limits.md). What is not listed here has to go through one of
/// them.
/// </summary>
public sealed partial class ForeignBytesTests
{
    private static string Source => Repository.PathOf("src");

    [Fact]
    public void Bytes_are_unpacked_in_one_place() => Assert.Equal(
        ["Containerize/Layers/Compression/UnpackedStream.cs"],
        FilesWith(Unpacking()));

    [Fact]
    public void Tars_are_read_by_one_reader() => Assert.Equal(
        // What a layer holds, and where the files of an archive lie.
        ["Containerize/Files/LayerReader.cs", "Containerize/Stores/Archive/TarFiles.cs"],
        FilesWith(TarReading()));

    [Fact]
    public void Documents_are_parsed_in_few_places() => Assert.Equal(
        [
            // Behind Json.ParseObject, which has counted.
            "Containerize/Images/ImageConfig.cs",
            "Containerize/Images/Json.cs",
            // Written by this build.
            "Containerize/Planning/PlanFile.cs",
            // Published by this build.
            "Containerize/Planning/Published/StaticAssetEndpoints.cs",
            // Limits of their own, on bytes and depth.
            "Containerize/Registries/Configuration/ConfigJson.cs",
            "Containerize/Registries/Credentials/CredentialHelper.cs",
        ],
        FilesWith(JsonParsing()));

    [Fact]
    public void Files_are_read_whole_in_few_places() => Assert.Equal(
        [
            // Written by this build, or by one before it.
            "Containerize.Tasks/ImageFolder.cs",
            "Containerize/Building/RecordedFindings.cs",
            "Containerize/Caches/BlobFolder.cs",
            "Containerize/Caches/LayerCache.cs",
            // Has a limit of its own.
            "Containerize/Caches/LayerFacts.cs",
            // The kernel's.
            "Containerize/Hosting/IEnvironment.cs",
            "Containerize/Hosting/MachineRun.cs",
            // Written by this build, with a limit of its own.
            "Containerize/Planning/Published/PublishRecord.cs",
            // Published by this build.
            "Containerize/Planning/Published/StaticAssetEndpoints.cs",
            // The user's own configuration.
            "Containerize/Registries/Credentials/ProjectCredentials.cs",
        ],
        FilesWith(WholeReading()));

    [Fact]
    public void Streams_are_copied_to_their_end_in_few_places() => Assert.Equal(
        [
            // Layers whose size and digest are verified.
            "Containerize/Caches/SharedLayers.cs",
            // The gate itself.
            "Containerize/Layers/Compression/UnpackedStream.cs",
            // Layers whose size and digest are verified, and parts of files.
            "Containerize/Layers/LayerImporter.cs",
            // What is sent.
            "Containerize/Registries/Transport/SilenceHandler.cs",
            "Containerize/Stores/Layout/OciLayout.cs",
        ],
        FilesWith(Copying()));

    /// <summary>A scan that finds nothing would pass.</summary>
    [Fact]
    public void What_is_looked_for_is_found()
    {
        Assert.Matches(Unpacking(), "new GZipStream(layer, CompressionMode.Decompress)");
        Assert.Matches(Unpacking(), "new Decompressor()");
        Assert.Matches(Unpacking(), "new DeflateStream(input, CompressionMode.Decompress)");
        Assert.DoesNotMatch(Unpacking(), "new DeflateStream(output, _options, leaveOpen: true)");
        Assert.Matches(TarReading(), "var reader = new TarReader(file);");
        Assert.Matches(TarReading(), "TarFile.ExtractToDirectory(a, b)");
        Assert.Matches(WholeReading(), "X509Certificate2.CreateFromPemFile(file)");
        Assert.Matches(Copying(), "await gzip.CopyToAsync(tar)");
        Assert.DoesNotMatch(Copying(), "buffer[..count].CopyTo(piece);");
    }

    private static IEnumerable<string> FilesWith(Regex what) =>
        Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(Source, file).Replace(Path.DirectorySeparatorChar, '/'), Full: file))
            .Where(
                file =>
                    !file.Path.Split('/').Any(part => part is "obj" or "bin")
                        && what.IsMatch(string.Join('\n', File.ReadLines(file.Full).Where(line => !IsComment(line)))))
            .Select(file => file.Path)
            .Order(StringComparer.Ordinal);

    private static bool IsComment(string line) => line.TrimStart().StartsWith("//", StringComparison.Ordinal);

    [GeneratedRegex(
        @"CompressionMode\.Decompress|new (?:GZip|ZLib|Brotli|GZipInput|ZipInput|BZip2Input|Inflater)\w*\(|\bDecompressionStream\(|\bDecompressor\(|\bZipArchive\b|\bZipFile\b|DecompressionMethods\.(?!None)")]
    private static partial Regex Unpacking();

    [GeneratedRegex(@"\bnew TarInput\(|\bTarReader\b|\bTarFile\.|\bTarInputStream\b|\bTarArchive\b")]
    private static partial Regex TarReading();

    [GeneratedRegex(@"JsonDocument\.Parse|JsonNode\.Parse|JsonSerializer\.Deserialize|new Utf8JsonReader\(|JsonElement\.Parse")]
    private static partial Regex JsonParsing();

    [GeneratedRegex(@"\bReadAll(?:Bytes|Text|Lines)|\bReadToEnd|File\.ReadLines|PemFile\(|FromFile\(")]
    private static partial Regex WholeReading();

    [GeneratedRegex(@"\bCopyToAsync\(")]
    private static partial Regex Copying();
}

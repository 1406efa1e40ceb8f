using System.Text.RegularExpressions;
using Containerize.Checks.Elf;

namespace Containerize.Checks.Facts;

/// <summary>A native program or library that the application brings.</summary>
/// <param name="Path">Where it lies in the image, with the slash of the root.</param>
/// <param name="Elf">What it says of itself.</param>
internal sealed partial record NativeFile(string Path, ElfFile Elf)
{
    /// <summary>The C library that it is made for; null where it does not say.</summary>
    public Libc? Libc { get; } = LibcFlavours.Of(Elf);

    /// <summary>Its file's name.</summary>
    public string Name { get; } = Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The directory that it lies in.</summary>
    public string Directory => Path[..Path.LastIndexOf('/')];

    /// <summary>
    /// Its name without what tells one system from another: packages bring <c>librdkafka.so</c> and <c>alpine-librdkafka.so</c>, or
    /// files of one name in several folders, and take what works.
    /// </summary>
    public string Stem { get; } = StemOf(Path[(Path.LastIndexOf('/') + 1)..]);

    private static string StemOf(string name)
    {
        var end = name.IndexOf(".so", StringComparison.Ordinal);
        var parts = Separators().Split((end > 0 ? name[..end] : name).ToLowerInvariant()).Where(part => !SystemName().IsMatch(part));
        return string.Join('-', parts) is { Length: > 0 } stem ? stem : name;
    }

    [GeneratedRegex("[-_.]")]
    private static partial Regex Separators();

    [GeneratedRegex(
        @"^(?:linux|musl|glibc|gnu|(?:alpine|debian|ubuntu|centos|rhel|fedora|amzn|el)\d*"
            + @"|x64|x86|64|32|64bit|32bit|amd64|arm64|aarch64|arm(?:hf|v\d)?|i[36]86|386|s390x|ppc64le|riscv64|loongarch64)$")]
    private static partial Regex SystemName();
}

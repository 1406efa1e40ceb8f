using Containerize.Images;

namespace Containerize.Checks.Elf;

/// <summary>Processors: ELF's numbers, an image's architectures, Debian's directories.</summary>
/// <param name="Number"><c>e_machine</c> (System V ABI, "ELF Header").</param>
/// <param name="Architecture">The name in image documents.</param>
/// <param name="Triplet">The directory that Debian and Ubuntu have its libraries in.</param>
internal sealed record ElfMachine(int Number, string Architecture, string Triplet)
{
    private static readonly ElfMachine[] All =
    [
        new(62, "amd64", "x86_64-linux-gnu"),
        new(183, "arm64", "aarch64-linux-gnu"),
        new(40, "arm", "arm-linux-gnueabihf"),
        new(3, "386", "i386-linux-gnu"),
        new(22, "s390x", "s390x-linux-gnu"),
        new(21, "ppc64le", "powerpc64le-linux-gnu"),
        new(243, "riscv64", "riscv64-linux-gnu"),
        new(258, "loong64", "loongarch64-linux-gnu"),
    ];

    /// <summary>The processor of a platform; null for one that is not known here.</summary>
    public static ElfMachine? Of(Platform platform) => All.FirstOrDefault(machine => machine.Architecture == platform.Architecture);

    /// <summary>The name of a processor.</summary>
    public static string NameOf(int number) =>
        All.FirstOrDefault(machine => machine.Number == number)?.Architecture ?? FormattableString.Invariant($"machine {number}");
}

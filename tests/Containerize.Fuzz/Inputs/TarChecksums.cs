using System.Text;

namespace Containerize.Fuzz.Inputs;

/// <summary>Gives the headers of a tar that was changed their checksums back: without, no change would get past them.</summary>
internal static class TarChecksums
{
    private const int BlockSize = 512;

    /// <summary>Repairs what looks like a header, in place.</summary>
    public static void Repair(byte[] tar)
    {
        for (var at = 0; at + BlockSize <= tar.Length; at += BlockSize)
        {
            var block = tar.AsSpan(at, BlockSize);
            if (!block[257..262].SequenceEqual("ustar"u8))
                continue;
            block[148..156].Fill((byte)' ');
            var sum = 0;
            foreach (var value in block)
                sum += value;
            Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(block[148..]);
        }
    }
}

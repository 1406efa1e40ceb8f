namespace Containerize.Layers.Compression;

/// <summary>A compressed stream whose blocks are made side by side, none knowing of another.</summary>
internal interface IBlockFormat : IDisposable
{
    /// <summary>
    /// Bytes of a block before it is compressed. Part of the format: another size gives other bytes, and so another digest, of the same
    /// layer.
    /// </summary>
    int BlockSize { get; }

    /// <summary>What stands before the first block.</summary>
    ReadOnlyMemory<byte> Start { get; }

    /// <summary>Sees a block go by; they come in their order.</summary>
    void Append(ReadOnlySpan<byte> block);

    /// <summary>Compresses a block behind what the output has; called from several threads at once.</summary>
    void Compress(byte[] block, int length, MemoryStream output);

    /// <summary>What stands behind the last block.</summary>
    ReadOnlyMemory<byte> End();
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Containerize.Testing.Registries.Storage;

/// <summary>A blob that is on its way in.</summary>
/// <param name="id">The last part of the upload's path.</param>
internal sealed class UploadSession(string id)
{
    private readonly List<byte> _content = [];

    public string Id { get; } = id;

    public long Length => _content.Count;

    /// <summary>Whether a chunk came that only the last may be as short as.</summary>
    public bool HasShortChunk { get; set; }

    /// <summary>
    /// What docker-registry calls <c>_state</c>: every answer carries a new one, and the client has to send back the latest as it
    /// is. It is base64 with padding, so that a client that takes the address apart and escapes it anew is found out.
    /// </summary>
    public string State => StateAt(Length);

    public byte[] ToArray() => [.. _content];

    /// <summary>Whether a state was given out by this upload, at whatever length.</summary>
    public bool Issued(string state)
    {
        var separator = state.LastIndexOf('.');
        return separator >= 0
            && long.TryParse(state.AsSpan(separator + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            && StateAt(length) == state;
    }

    /// <summary>
    /// Adds what arrives. What came before a lost connection stays, as in docker-registry, so that the client can resume.
    /// </summary>
    public async Task AppendAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            _content.AddRange(buffer.AsSpan(0, count));
    }

    /// <summary>Forgets what came after a length.</summary>
    public void TruncateTo(long length) => _content.RemoveRange((int)length, (int)(Length - length));

    private string StateAt(long length)
    {
        var seal = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Id}:{length}")));
        return string.Create(CultureInfo.InvariantCulture, $"{Convert.ToBase64String(seal)}.{length}");
    }
}

using Containerize.Images;
using Containerize.Tests.Support;

namespace Containerize.Tests.Images;

public sealed class FileLayerTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("content", true, true)]
    [InlineData("CONTENT", true, false)]
    [InlineData("conten", true, false)]
    [InlineData("content and more", true, false)]
    [InlineData("CONTENT", false, true)]
    public async Task A_file_that_is_wrong_and_can_be_made_again_is_not_found_the_next_time(string content, bool isReplaceable, bool stays)
    {
        var path = _folder.Write("blob", content);
        var right = "content"u8.ToArray();
        var layer = new FileLayer(
            path, new Descriptor(MediaTypes.OciLayerGzip, Digest.Of(right), right.Length), Digest.Of(right), isReplaceable: isReplaceable);
        await using (var stream = await layer.OpenAsync(default))
        {
            if (content == "content")
                await stream.CopyToAsync(Stream.Null);
            else
                await Assert.ThrowsAsync<InvalidDataException>(() => stream.CopyToAsync(Stream.Null));
        }

        Assert.Equal(stays, File.Exists(path));
    }
}

using Containerize.Images;
using Containerize.Stores;

namespace Containerize.Tests.Stores;

public sealed class BaseImageErrorsTests
{
    private const string Orders = "ü\u001b[2J\n\u009b";

    [Fact]
    public void What_a_document_says_gives_no_orders_to_a_terminal()
    {
        ContainerizeException[] failures =
        [
            BaseImageErrors.Invalid("r.example/app", $"its config has the media type '{Orders}'"),
            BaseImageErrors.Unusable("r.example/app", $"there is no image '{Orders}' in it", $"There is: {Orders}."),
            BaseImageErrors.PlatformMissing("r.example/app", new Platform("linux", "amd64"), [Orders]),
        ];
        Assert.All(failures, failure =>
        {
            Assert.DoesNotContain(failure.Message, char.IsControl);
            Assert.Contains("ü\ufffd[2J\ufffd\ufffd", failure.Message, StringComparison.Ordinal);
        });
    }
}

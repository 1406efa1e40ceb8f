using Containerize.Building;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

public sealed class RehearsalTests
{
    // A request that nobody answers as a registry would is a failure; so is any that leaves the process, since the name does not exist.
    [Fact]
    public async Task The_image_is_built_and_pushed_to_the_end() => await Rehearsal.RunAsync(new EmptyEnvironment(), typeof(RehearsalTests).Assembly.Location, default);

    [Fact]
    public async Task It_ends_with_the_build() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Rehearsal.RunAsync(new EmptyEnvironment(), typeof(RehearsalTests).Assembly.Location, new CancellationToken(canceled: true)));
}

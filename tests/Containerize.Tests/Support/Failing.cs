namespace Containerize.Tests.Support;

/// <summary>Asserts about failures that the user is told.</summary>
internal static class Failing
{
    /// <summary>The failure of an action, which must have a code and say certain things.</summary>
    public static ContainerizeException With(string code, Action action, params string[] mentions) =>
        Check(Assert.Throws<ContainerizeException>(action), code, mentions);

    /// <summary>The failure of an action, which must have a code and say certain things.</summary>
    public static async Task<ContainerizeException> WithAsync(string code, Func<Task> action, params string[] mentions) =>
        Check(await Assert.ThrowsAsync<ContainerizeException>(action), code, mentions);

    private static ContainerizeException Check(ContainerizeException e, string code, string[] mentions)
    {
        Assert.Equal(code, e.Code);
        Assert.All(mentions, mention => Assert.Contains(mention, e.Message, StringComparison.Ordinal));
        Assert.EndsWith(".", e.Message, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"\.\.(\s|$)", e.Message); // Two sentences' ends in a row.
        return e;
    }
}

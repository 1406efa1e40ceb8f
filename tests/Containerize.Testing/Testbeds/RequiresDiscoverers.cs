using Xunit.Abstractions;
using Xunit.Sdk;

namespace Containerize.Testing;

/// <summary>
/// Finds facts with <see cref="RequiresFactAttribute"/>, and makes a failure of one whose server has to be there and is not.
/// </summary>
public sealed class RequiresFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        MissingServer.Find(DiagnosticMessageSink, discoveryOptions, testMethod, factAttribute)
        ?? base.Discover(discoveryOptions, testMethod, factAttribute);
}

/// <summary>
/// Finds theories with <see cref="RequiresTheoryAttribute"/>, and makes a failure of one whose server has to be there and is not.
/// </summary>
public sealed class RequiresTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    /// <inheritdoc/>
    public override IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        MissingServer.Find(DiagnosticMessageSink, discoveryOptions, testMethod, theoryAttribute)
        ?? base.Discover(discoveryOptions, testMethod, theoryAttribute);
}

internal static class MissingServer
{
    /// <summary>A test case that fails with the reason, in place of a test that might pass without ever asking for the server.</summary>
    public static IEnumerable<IXunitTestCase>? Find(
        IMessageSink diagnostics, ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute)
    {
        if (!Testbed.IsMandatory)
            return null;
        var reason = Testbed.WhyMissing(attribute.GetNamedArgument<IReadOnlyList<string>>(nameof(RequiresFactAttribute.Keys)));
        return reason is null
            ? null
            : [new ExecutionErrorTestCase(
                diagnostics, options.MethodDisplayOrDefault(), options.MethodDisplayOptionsOrDefault(), method, reason)];
    }
}

using Xunit;
using Xunit.Sdk;

namespace Containerize.Testing;

/// <summary>A theory that needs servers of the testbed: skipped without them, saying why; on CI it fails instead.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Containerize.Testing.RequiresTheoryDiscoverer", "Containerize.Testing")]
public sealed class RequiresTheoryAttribute : TheoryAttribute
{
    /// <summary>Names the keys of <see cref="Server"/> that the test asks <see cref="Testbed"/> for.</summary>
    public RequiresTheoryAttribute(params string[] keys)
    {
        Keys = keys;
        if (!Testbed.IsMandatory)
            Skip = Testbed.WhyMissing(keys);
    }

    /// <summary>The keys that the test needs.</summary>
    public IReadOnlyList<string> Keys { get; }
}

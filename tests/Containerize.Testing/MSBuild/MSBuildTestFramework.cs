using Microsoft.Build.Utilities.ProjectCreation;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Containerize.Testing;

/// <summary>xunit, in a process that finds MSBuild in the running SDK.</summary>
/// <remarks>
/// An assembly of tests that touches MSBuild names this class in its <c>TestFrameworkAttribute</c>. A module initializer would be too late:
/// discovery looks at types, whose base classes and interfaces may be MSBuild's, before it runs any code of the assembly, and xunit
/// silently leaves out a type that cannot be loaded.
/// </remarks>
public sealed class MSBuildTestFramework : XunitTestFramework
{
    /// <summary>Called by xunit, before it loads the assembly's types.</summary>
    public MSBuildTestFramework(IMessageSink messageSink)
        : base(messageSink)
    {
        MSBuildAssemblyResolver.Register();
    }
}

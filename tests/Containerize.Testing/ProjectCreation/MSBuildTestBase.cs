namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>The base of test classes that use MSBuild, which finds MSBuild before the first of their methods runs.</summary>
public abstract class MSBuildTestBase
{
    static MSBuildTestBase() => MSBuildAssemblyResolver.Register();
}

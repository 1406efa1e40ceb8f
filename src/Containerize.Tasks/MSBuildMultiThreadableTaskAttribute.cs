namespace Microsoft.Build.Framework;

/// <summary>
/// Tells MSBuild's multithreaded mode that a task may run inside the build's own process. MSBuild matches it by name, and
/// the oldest one that is supported (18.0) does not have it, so the tasks bring their own.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute;

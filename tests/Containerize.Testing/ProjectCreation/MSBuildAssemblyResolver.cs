using System.Reflection;
using System.Runtime.Loader;
using Containerize.Testing;

namespace Microsoft.Build.Utilities.ProjectCreation;

/// <summary>Makes the running SDK's MSBuild the MSBuild of this process.</summary>
/// <remarks>
/// MSBuild only works from the directory of an SDK, beside its targets and tasks. So no copy of its assemblies may lie beside the tests,
/// and no type of MSBuild may be touched before <see cref="Register"/>.
/// </remarks>
public static class MSBuildAssemblyResolver
{
    private static readonly Lazy<bool> Registration = new(RegisterOnce);

    /// <summary>The directory of the SDKs' own MSBuild SDKs (<c>Microsoft.NET.Sdk</c> and so on).</summary>
    public static string? DotNetSdksPath => Path.Combine(DotnetSdk.Current.Directory, "Sdks");

    /// <summary>The path of MSBuild.dll.</summary>
    public static string? MSBuildExePath => Path.Combine(DotnetSdk.Current.Directory, "MSBuild.dll");

    /// <summary>The directories in which assemblies are looked for.</summary>
    public static string[]? SearchPaths => [DotnetSdk.Current.Directory];

    /// <summary>Registers the resolver. May be called any number of times.</summary>
    public static void Register() => _ = Registration.Value;

    /// <summary>Finds an assembly that is not beside the tests in the SDK.</summary>
    /// <param name="assemblyLoadContext">The context to load into.</param>
    /// <param name="requestedAssemblyName">What is asked for.</param>
    public static Assembly? AssemblyResolve(AssemblyLoadContext assemblyLoadContext, AssemblyName requestedAssemblyName)
    {
        foreach (var directory in SearchPaths!)
        {
            var path = Path.Combine(directory, requestedAssemblyName.CultureName ?? "", requestedAssemblyName.Name + ".dll");
            if (File.Exists(path) && Satisfies(AssemblyName.GetAssemblyName(path), requestedAssemblyName))
                return assemblyLoadContext.LoadFromAssemblyPath(path);
        }

        return null;
    }

    private static bool Satisfies(AssemblyName found, AssemblyName requested) =>
        requested.Version is null || found.Version >= requested.Version;

    private static bool RegisterOnce()
    {
        // What MSBuild.dll finds out about itself, it asks of the process's entry assembly, which here is a test host.
        Environment.SetEnvironmentVariable("MSBUILD_EXE_PATH", MSBuildExePath);
        Environment.SetEnvironmentVariable("MSBuildExtensionsPath", DotnetSdk.Current.Directory + Path.DirectorySeparatorChar);
        Environment.SetEnvironmentVariable("MSBuildSDKsPath", DotNetSdksPath);
        // Tasks that start dotnet (the compiler) take it from here.
        Environment.SetEnvironmentVariable("DOTNET_HOST_PATH", DotnetSdk.Current.HostPath);

        AssemblyLoadContext.Default.Resolving += AssemblyResolve;
        return true;
    }
}

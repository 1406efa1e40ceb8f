using Containerize.Testing;

namespace Containerize.Benchmarks.Cases;

/// <summary>A base image of the testbed.</summary>
/// <param name="Key">Its key there.</param>
/// <param name="Name">Repository and tag in the registries of the benchmarks.</param>
public sealed record BaseImage(string Key, string Name)
{
    /// <summary>ASP.NET Core.</summary>
    public static BaseImage AspNet { get; } = new(Server.BaseAspNet, "dotnet/aspnet:10.0");

    /// <summary>What a self-contained application needs.</summary>
    public static BaseImage RuntimeDeps { get; } = new(Server.BaseRuntimeDeps, "dotnet/runtime-deps:10.0");

    /// <summary>All that are used.</summary>
    public static IReadOnlyList<BaseImage> All { get; } = [AspNet, RuntimeDeps];
}

using Containerize.Testing;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The base that is chosen for a project that names none, by what real evaluations hand to the task.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class BaseImageTests(PackageFixture fixture)
{
    private static readonly string Version = string.Join('.', DotnetSdk.Current.Version.Split('.').Take(2));

    // VS Code and azd ask without publishing.
    [Fact]
    public void A_framework_that_comes_with_a_library_counts_also_where_nothing_is_published()
    {
        var workspace = Workspace.Create(fixture);
        var library = workspace.Project(
            project => project.ItemInclude("FrameworkReference", "Microsoft.AspNetCore.App"), name: "Lib", outputType: "Library");
        var project = workspace.Project(project => project.ItemProjectReference(library));
        Workspace.Build(library, ["_ContainerizeEstablish"]).EnsureSuccess();

        var outcome = Workspace.Build(project, ["ComputeContainerBaseImage", .. Outcome.Inspections], [("_IsPublishing", "")])
            .EnsureSuccess();

        Assert.Equal($"mcr.microsoft.com/dotnet/aspnet:{Version}", outcome["ContainerBaseImage"]);
    }

    public static TheoryData<string, string, string> Cases => new()
    {
        { "console", "", "runtime:VERSION" },
        { "web", "", "aspnet:VERSION" },
        { "console", "SelfContained=true,RuntimeIdentifier=linux-x64", "runtime-deps:VERSION" },
        { "web", "SelfContained=true,RuntimeIdentifier=linux-x64", "runtime-deps:VERSION" },
        { "console", "PublishSelfContained=true,RuntimeIdentifier=linux-x64", "runtime-deps:VERSION" },
        { "console", "PublishAot=true,RuntimeIdentifier=linux-x64", "runtime-deps:VERSION-noble-chiseled-extra" },
        { "console", "PublishAot=true,RuntimeIdentifier=linux-x64,InvariantGlobalization=true", "runtime-deps:VERSION-noble-chiseled" },
        { "console", "PublishTrimmed=true,SelfContained=true,RuntimeIdentifier=linux-x64", "runtime-deps:VERSION-noble-chiseled-extra" },
        { "web", "PublishTrimmed=true,SelfContained=true,RuntimeIdentifier=linux-x64,InvariantGlobalization=true", "runtime-deps:VERSION-noble-chiseled" },
        { "console", "ContainerFamily=noble", "runtime:VERSION-noble" },
        { "web", "ContainerFamily=noble-chiseled", "aspnet:VERSION-noble-chiseled-extra" },
        { "web", "ContainerFamily=noble-chiseled,InvariantGlobalization=true", "aspnet:VERSION-noble-chiseled" },
        { "console", "RuntimeIdentifier=linux-musl-x64", "runtime:VERSION-alpine" },
        { "web", "ContainerRuntimeIdentifier=linux-musl-arm64", "aspnet:VERSION-alpine" },
        { "console", "RuntimeIdentifier=linux-musl-x64,PublishAot=true,InvariantGlobalization=true", "runtime-deps:VERSION-alpine" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Inferred(string kind, string properties, string expected)
    {
        var project = kind == "web" ? fixture.Web : fixture.Console;
        var global = properties.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(property => property.Split('='))
            .Select(pair => (pair[0], pair[1]));

        var outcome = PackageFixture.Configure(project, [.. global]).EnsureSuccess();

        Assert.Equal(
            "mcr.microsoft.com/dotnet/" + expected.Replace("VERSION", Version, StringComparison.Ordinal),
            outcome["ContainerBaseImage"]);
    }

    [Fact]
    public void The_users_own_base_wins_over_every_inference() =>
        Assert.Equal(
            "ghcr.io/base:1",
            fixture.Configure(("ContainerBaseImage", "ghcr.io/base:1"), ("ContainerFamily", "alpine"))
                .EnsureSuccess()["ContainerBaseImage"]);

    [Fact]
    public void An_older_framework_has_its_own_base()
    {
        var outcome = fixture.Configure(("_TargetFrameworkVersionWithoutV", "8.0")).EnsureSuccess();

        Assert.Equal("mcr.microsoft.com/dotnet/runtime:8.0", outcome["ContainerBaseImage"]);
    }
}

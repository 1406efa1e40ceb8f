using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Containerize.Testing.Registries;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>A Blazor WebAssembly client that a server brings along: the browser's runtime does not change with the client's code.</summary>
[Trait("Lane", "Second")]
public sealed class BlazorWebAssemblyTests
{
    [Fact]
    public async Task A_changed_line_of_the_client_does_not_send_the_browser_s_runtime()
    {
        using var sandbox = await Sandbox.CreateAsync("blazor");
        await using var registry = await TestRegistry.StartAsync();
        WriteProjects(sandbox);

        var before = await PublishAsync(sandbox, registry);
        sandbox.Write("Client/App.razor", App("Good evening"));
        var after = await PublishAsync(sandbox, registry);

        Assert.Equal(
            ["packages", "browser-runtime", "projects", "static-assets", "application"], before.OwnLayers.Select(layer => layer.Name));
        Assert.Equal(["projects", "static-assets"], after.OwnLayers.Except(before.OwnLayers).Select(layer => layer.Name));
        var layers = new Dictionary<string, List<string>>();
        foreach (var (name, digest) in after.OwnLayers)
            layers[name] = [.. (await after.ReadLayerAsync(digest)).Select(file => file.Path)];
        // Each of them also compressed in two ways.
        foreach (var (file, layer) in new[]
        {
            (
                "_framework/System.Private.CoreLib.",
                "browser-runtime"), (
                    "_framework/Microsoft.AspNetCore.Components.", "browser-runtime"), ("_framework/dotnet.native.", "browser-runtime"),
            (
                "_framework/blazor.webassembly.js",
                "browser-runtime"), (
                    "_framework/Client.",
                    "static-assets"), ("_framework/Widgets.", "static-assets"), ("_framework/Wording.", "static-assets"),
            ("_framework/dotnet.js", "static-assets"), ("_content/Widgets/widget.js", "static-assets"), ("app.css", "static-assets"),
        })
        {
            Assert.InRange(layers[layer].Count(path => path.StartsWith("app/wwwroot/" + file, StringComparison.Ordinal)), 3, int.MaxValue);
            Assert.DoesNotContain(
                layers,
                other =>
                    other.Key != layer && other.Value.Exists(path => path.StartsWith("app/wwwroot/" + file, StringComparison.Ordinal)));
        }

        Assert.Contains("app/Server.staticwebassets.endpoints.json", layers["static-assets"]);
        // What the client refers to comes to the server by way of the client.
        Assert.Empty(new[] { "app/Client.dll", "app/Widgets.dll", "app/Wording.dll" }.Except(layers["projects"]));
    }

    private static async Task<RemoteImage> PublishAsync(Sandbox sandbox, TestRegistry registry)
    {
        (await sandbox.DotnetAsync(
            "publish", "Server", "-p:ContainerPublish=true", "-p:ContainerBaseImage=scratch", "-p:ContainerChecks=None",
            $"-p:ContainerRegistry={registry.Host}", "-p:ContainerRepository=blazor")).EnsureSuccess();
        return await RemoteImage.GetAsync(registry.Host, "blazor", "latest");
    }

    private static void WriteProjects(Sandbox sandbox)
    {
        sandbox.Write("Directory.Build.props", """
            <Project>
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
            </Project>
            """);
        sandbox.Write("Directory.Packages.props", File.ReadAllText(Repository.PathOf("Directory.Packages.props")));
        sandbox.Write("Wording/Wording.csproj", """<Project Sdk="Microsoft.NET.Sdk" />""");
        sandbox.Write(
            "Wording/Words.cs",
            "namespace Wording; public static class Words { public static string Place => \"the browser\"; }\n");
        sandbox.Write("Widgets/Widgets.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Razor">
              <ItemGroup>
                <PackageReference Include="Microsoft.AspNetCore.Components.Web" />
                <ProjectReference Include="../Wording/Wording.csproj" />
              </ItemGroup>
            </Project>
            """);
        sandbox.Write("Widgets/Widget.razor", "<b>in @Wording.Words.Place</b>\n");
        sandbox.Write("Widgets/wwwroot/widget.js", "console.log('widget')\n");
        sandbox.Write("Client/Client.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.BlazorWebAssembly">
              <PropertyGroup>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.AspNetCore.Components.WebAssembly" />
                <ProjectReference Include="../Widgets/Widgets.csproj" />
              </ItemGroup>
            </Project>
            """);
        sandbox.Write("Client/Program.cs", """
            using Microsoft.AspNetCore.Components.WebAssembly.Hosting;

            var builder = WebAssemblyHostBuilder.CreateDefault(args);
            builder.RootComponents.Add<Client.App>("#app");
            await builder.Build().RunAsync();
            """);
        sandbox.Write("Client/App.razor", App("Hello"));
        sandbox.Write("Client/wwwroot/app.css", "body { color: black }\n");
        sandbox.Write(
            "Client/wwwroot/index.html",
            "<html><body><div id=\"app\"></div><script src=\"_framework/blazor.webassembly.js\"></script></body></html>\n");
        sandbox.Write("Server/Server.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <ItemGroup>
                <PackageReference Include="Containerize" VersionOverride="{sandbox.Package!.Version}" PrivateAssets="all" />
                <PackageReference Include="Microsoft.AspNetCore.Components.WebAssembly.Server" />
                <ProjectReference Include="../Client/Client.csproj" />
              </ItemGroup>
            </Project>
            """);
        sandbox.Write("Server/Program.cs", """
            var app = WebApplication.CreateBuilder(args).Build();
            app.MapStaticAssets();
            app.MapFallbackToFile("index.html");
            app.Run();
            """);
    }

    private static string App(string words) => $"<h1>{words}</h1>\n<Widgets.Widget />\n";
}

using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Side by side with the .NET SDK's own PublishContainer.</summary>
public sealed class SdkParityTests
{
    [RequiresTheory(Server.Registry, Server.BaseAspNet, Server.BaseAspNetDocker)]
    [InlineData(Server.BaseAspNet)]
    [InlineData(Server.BaseAspNetDocker)]
    public async Task The_config_differs_only_where_the_docs_say_so(string baseKey)
    {
        using var workspace = await Workspace.CreateAsync("parity");
        var registry = Testbed.Get(Server.Registry);
        string[] options =
        [
            $"-p:ContainerBaseImage={Testbed.Get(baseKey)}",
            $"-p:ContainerRegistry={registry}",
            "-p:ContainerImageTag=1.0",
            "-p:ContainerVendor=Acme",
            "-p:PackageProjectUrl=https://example.invalid/hello",
            "-p:PackageLicenseExpression=MIT",
            "-p:ContainerTitle=Hello",
        ];
        var project = workspace.PathOf("HelloWeb", "HelloWeb.csproj");
        var text = await File.ReadAllTextAsync(project);
        await File.WriteAllTextAsync(project, text.Replace("</Project>", """
            <ItemGroup>
              <ContainerPort Include="9000" Type="udp" />
              <ContainerEnvironmentVariable Include="Greeting__Url" Value="https://example.invalid:443/a?b=c" />
              <ContainerLabel Include="org.acme.team" Value="web: one; two" />
              <ContainerDefaultArgs Include="--urls-are-fine" />
            </ItemGroup>
            </Project>
            """, StringComparison.Ordinal));

        var (theirs, ours) = (Workspace.UniqueName("theirs"), Workspace.UniqueName("ours"));
        await workspace.PublishAsUserAsync("HelloWeb", [.. options, $"-p:ContainerRepository={ours}"]);
        (await workspace.Sandbox.DotnetAsync(
            ["publish", "HelloWeb", "-t:PublishContainer", "-p:WithoutContainerize=true", $"-p:ContainerRepository={theirs}", .. options],
            new Dictionary<string, string?> { ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = registry },
            workspace.Folder)).EnsureSuccess();

        var differing = ConfigDifferences.Find(
            (await RemoteImage.GetAsync(registry, theirs, "1.0")).Config, (await RemoteImage.GetAsync(registry, ours, "1.0")).Config);
        var documented = ConfigDifferences.Documented();
        Assert.NotEmpty(documented);
        Assert.Empty(differing.Except(documented));
    }
}

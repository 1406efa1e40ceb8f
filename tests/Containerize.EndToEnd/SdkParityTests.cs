using System.Text.Json.Nodes;
using Containerize.EndToEnd.Support;
using Containerize.Testing;
using Xunit;

namespace Containerize.EndToEnd;

/// <summary>Side by side with the .NET SDK's own PublishContainer.</summary>
public sealed class SdkParityTests
{
    private const string Page = "docs/coming-from-sdk-containers.md";

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
        await workspace.PublishAsync("HelloWeb", [.. options, $"-p:ContainerRepository={ours}"]);
        (await workspace.Sandbox.DotnetAsync(
            ["publish", "HelloWeb", "-t:PublishContainer", "-p:WithoutContainerize=true", $"-p:ContainerRepository={theirs}", .. options],
            new Dictionary<string, string?> { ["DOTNET_CONTAINER_INSECURE_REGISTRIES"] = registry },
            workspace.Folder)).EnsureSuccess();

        var differing = new SortedSet<string>(StringComparer.Ordinal);
        Compare((await RemoteImage.GetAsync(registry, theirs, "1.0")).Config, (await RemoteImage.GetAsync(registry, ours, "1.0")).Config, "", differing);
        var documented = Documented();
        Assert.NotEmpty(documented);
        Assert.Empty(differing.Except(documented));
    }

    // The first column of the table below the heading.
    private static HashSet<string> Documented() =>
    [
        .. File.ReadLines(Repository.PathOf(Page))
            .SkipWhile(line => line != "## Config fields that differ").Skip(1)
            .TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]),
    ];

    private static void Compare(JsonNode? theirs, JsonNode? ours, string path, SortedSet<string> differing)
    {
        if (theirs is JsonObject a && ours is JsonObject b)
        {
            foreach (var name in a.Select(member => member.Key).Union(b.Select(member => member.Key)))
                Compare(a[name], b[name], path.Length == 0 ? name : name.Contains('.', StringComparison.Ordinal) ? $"{path}[\"{name}\"]" : $"{path}.{name}", differing);
        }
        else if (!JsonNode.DeepEquals(theirs, ours))
        {
            differing.Add(path);
        }
    }
}

using System.Globalization;
using Containerize.Testing.Registries.Content;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// Targets of users that hook publishing and PublishContainer: whatever way an image is asked for, they run once, in the SDK's order.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class HookTests(PackageFixture fixture)
{
    private const string Prefix = "hook: ";

    private static readonly string[] Hooked =
        ["PrepareForPublish", "Publish", "AfterPublish", "AfterSdkPublish", "ComputeContainerConfig", "PublishContainer", "_PublishSingleContainer"];

    private static readonly Dictionary<string, (string[] Targets, (string, string)[] Properties)> Ways = new()
    {
        ["publish -p:ContainerPublish=true"] = (["Publish"], [("ContainerPublish", "true")]),
        ["publish -t:PublishContainer"] = (["Publish", "PublishContainer"], []),
        ["publish -p:PublishProfile=DefaultContainer"] = (["Publish"], [("PublishProfile", "DefaultContainer")]),
        ["publish -p:ContainerPublish=true -t:PublishContainer"] = (["Publish", "PublishContainer"], [("ContainerPublish", "true")]),
        ["build -t:PublishContainer"] = (["PublishContainer"], [("_IsPublishing", "")]),
        ["build -t:PublishContainer -p:ContainerPublish=true"] = (
            ["PublishContainer"], [("_IsPublishing", ""), ("ContainerPublish", "true")]),
        ["build -t:PublishContainer -p:PublishProfile=DefaultContainer"] = (
            ["PublishContainer"], [("_IsPublishing", ""), ("PublishProfile", "DefaultContainer")]),
        ["publish --no-build -p:ContainerPublish=true"] = (["Publish"], [("NoBuild", "true"), ("ContainerPublish", "true")]),
        ["publish --no-build -t:PublishContainer"] = (["Publish", "PublishContainer"], [("NoBuild", "true")]),
        ["build -p:DeployOnBuild=true -p:ContainerPublish=true"] = (
            ["Build"], [("_IsPublishing", ""), ("DeployOnBuild", "true"), ("ContainerPublish", "true")]),
    };

    private static readonly Dictionary<string, string> Sdks = new()
    {
        ["console"] = "Microsoft.NET.Sdk", ["web"] = "Microsoft.NET.Sdk.Web", ["worker"] = "Microsoft.NET.Sdk.Worker",
    };

    // What comes before the image is made. Where the Publish SDK calls PublishContainer itself, AfterPublish and what hangs on it come
    // after it.
    private static string[] Expected(string kind, string way)
    {
        string[] image = ["<ComputeContainerConfig", ">ComputeContainerConfig", "<PublishContainer", "<_PublishSingleContainer", ">_PublishSingleContainer", ">PublishContainer"];
        string[] publish = ["<PrepareForPublish", ">PrepareForPublish", "<Publish"];
        string[] sdkHook = ["<AfterSdkPublish", ">AfterSdkPublish"];
        string[] afterPublish = kind switch
        {
            "web" => ["<AfterPublish", .. sdkHook, ">AfterPublish"],
            "worker" => ["<AfterPublish", ">AfterPublish"],
            _ => [],
        };
        publish = kind == "web" ? [.. publish, ">Publish"] : [.. publish, .. sdkHook, ">Publish"];
        var calledBySdk = kind != "console" && way == "publish -p:PublishProfile=DefaultContainer";
        return calledBySdk ? [.. publish, .. image, .. afterPublish] : [.. publish, .. afterPublish, .. image];
    }

    public static TheoryData<string, string> KindsAndWays()
    {
        var data = new TheoryData<string, string>();
        foreach (var kind in Sdks.Keys)
        {
            // A console project has nothing that DeployOnBuild could call.
            foreach (var way in Ways.Keys.Where(way => kind == "web" || !way.Contains("DeployOnBuild", StringComparison.Ordinal)))
                data.Add(kind, way);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(KindsAndWays))]
    public async Task Hooks_of_all_places_run_once_and_in_order(string kind, string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = Project(workspace, kind, ours: true);

        var outcome = Run(workspace, project, way).EnsureSuccess();

        // Of one target, those of the project come first, then those of packages, then those of Directory.Build.targets: as they are read.
        Assert.Equal(
            Expected(kind, way).SelectMany(hook => new[] { "project", "package", "directory" }.Select(place => $"{hook} {place}")),
            Lines(outcome));
        Assert.Equal(1, workspace.ManifestPuts);
    }

    // What the SDK's containers can be asked for, too.
    [Theory]
    [InlineData("console", "publish -t:PublishContainer")]
    [InlineData("web", "publish -t:PublishContainer")]
    [InlineData("web", "publish -p:PublishProfile=DefaultContainer")]
    [InlineData("web", "publish --no-build -t:PublishContainer")]
    [InlineData("worker", "publish -t:PublishContainer")]
    [InlineData("worker", "publish -p:PublishProfile=DefaultContainer")]
    public async Task The_order_is_that_of_the_SDKs_containers(string kind, string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        await using var other = await Workspace.StartAsync(fixture);

        var ours = Lines(Run(workspace, Project(workspace, kind, ours: true), way).EnsureSuccess());
        List<string> theirs;
        const string insecure = "DOTNET_CONTAINER_INSECURE_REGISTRIES";
        Environment.SetEnvironmentVariable(insecure, other.Registry.Host);
        try
        {
            theirs = Lines(Run(other, Project(other, kind, ours: false), way).EnsureSuccess());
        }
        finally
        {
            Environment.SetEnvironmentVariable(insecure, null);
        }

        Assert.Equal(theirs, ours);
        Assert.Contains("latest", other.Registry.Tags("app"));
    }

    [Theory]
    [MemberData(nameof(KindsAndWays))]
    public async Task A_gate_before_PublishContainer_stops_the_image(string kind, string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Gate" BeforeTargets="PublishContainer"><Error Text="refused: $(ContainerUser)" Condition="'$(ContainerUser)' == 'root'" /></Target>
            </Project>
            """);
        var project = workspace.Project(project => project.Property("ContainerUser", "root"), sdk: Sdks[kind]);

        var outcome = Run(workspace, project, way);

        Assert.False(outcome.Succeeded);
        Assert.Equal("refused: root", Assert.Single(outcome.Errors).Message);
        Assert.Equal(0, workspace.ManifestPuts);
        Assert.DoesNotContain(workspace.Registry.Requests, request => request.Method is "POST" or "PUT" or "PATCH");
    }

    [Theory]
    [MemberData(nameof(KindsAndWays))]
    public async Task Hooks_see_the_publish_folder_and_what_was_generated_and_can_change_both(string kind, string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Before" BeforeTargets="PublishContainer">
                <Error Text="No program in $(PublishDir)" Condition="!Exists('$(PublishDir)App.dll')" />
                <WriteLinesToFile File="$(PublishDir)from-hook.txt" Lines="x" Overwrite="true" />
                <PropertyGroup><ContainerRepository>changed/by-hook</ContainerRepository></PropertyGroup>
                <ItemGroup><ContainerLabel Include="org.acme.hook" Value="yes" /></ItemGroup>
              </Target>
              <Target Name="After" AfterTargets="PublishContainer">
                <Message Importance="high" Text="hook: $(GeneratedContainerDigest) @(GeneratedContainer->'%(ManifestDigest)') @(GeneratedContainerName)" />
              </Target>
            </Project>
            """);
        var project = workspace.Project(sdk: Sdks[kind]);

        var outcome = Run(workspace, project, way).EnsureSuccess();

        Assert.Contains("from-hook.txt", workspace.Files());
        var digest = workspace.Registry.FindManifest("changed/by-hook", "latest")!.Digest;
        Assert.Equal([$"{digest} {digest} {workspace.Registry.Host}/changed/by-hook:latest"], Lines(outcome));
        Assert.Equal(
            "yes",
            workspace.Config("changed/by-hook").GetProperty("config").GetProperty("Labels").GetProperty("org.acme.hook").GetString());
    }

    [Theory]
    [InlineData("console", "publish -p:ContainerPublish=true", "BeforeTargets=\"PrepareForPublish\"")]
    [InlineData("web", "publish -p:ContainerPublish=true", "AfterTargets=\"Build\"")]
    [InlineData("web", "publish -p:PublishProfile=DefaultContainer", "BeforeTargets=\"PrepareForPublish\"")]
    [InlineData("console", "publish -t:PublishContainer", "AfterTargets=\"Build\"")]
    public async Task The_publish_folder_is_the_one_of_that_moment(string kind, string way, string hook)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <Target Name="Elsewhere" {hook}><PropertyGroup><PublishDir>{workspace.PathOf("elsewhere")}/</PublishDir></PropertyGroup></Target>
            </Project>
            """);
        workspace.Write("elsewhere/own.txt", "mine");

        Run(workspace, workspace.Project(sdk: Sdks[kind]), way).EnsureSuccess();

        Assert.Contains("own.txt", workspace.Files());
        Assert.Contains("App.dll", workspace.Files());
    }

    // An SDK that is too old cannot load the tasks, and must not say so in its own words.
    [Theory]
    [InlineData("publish -p:ContainerPublish=true")]
    [InlineData("publish -t:PublishContainer")]
    [InlineData("publish -p:PublishProfile=DefaultContainer")]
    public async Task An_older_MSBuild_is_told_of_before_any_task_of_ours(string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        // Nothing of ours can be loaded.
        workspace.Write("Directory.Build.targets", $"""
            <Project><PropertyGroup><ContainerizeTaskAssembly>{workspace.PathOf("missing.dll")}</ContainerizeTaskAssembly></PropertyGroup></Project>
            """);
        var (targets, properties) = Ways[way];

        var text = Workspace.Build(project, targets, [.. properties, ("_ContainerizeMSBuildVersion", "17.14.0")]).EnsureError("CTZ1015");

        Assert.Contains("this is 17.14.0", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("publish -p:ContainerPublish=true")]
    [InlineData("publish -t:PublishContainer")]
    [InlineData("publish -p:PublishProfile=DefaultContainer")]
    public async Task With_several_platforms_hooks_on_PublishContainer_run_once_and_the_others_once_more_for_each(string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture, null, null);
        BaseImages.PushIndex(
            workspace.Registry, Workspace.BaseRepository, "1",
            new BaseImageSpec { Platform = "linux/amd64" },
            new BaseImageSpec { Platform = "linux/arm64" });
        var project = Project(workspace, "web", ours: true, project => project
            // Without its start program a project needs no package for each platform.
            .Property("UseAppHost", "false").Property("EnableAppHostPackDownload", "false").Property("EnableRuntimePackDownload", "false")
            .Property("RuntimeIdentifiers", "linux-x64;linux-arm64"));
        workspace.Write("hooks.targets", File.ReadAllText(workspace.PathOf("hooks.targets")).Replace("</Project>", """
              <Target Name="Change" BeforeTargets="PublishContainer">
                <PropertyGroup><ContainerRepository>changed/by-hook</ContainerRepository></PropertyGroup>
                <ItemGroup><ContainerImageTags Include="second" /></ItemGroup>
              </Target>
              <Target Name="Tell" AfterTargets="PublishContainer">
                <Message Importance="high" Text="generated: $(GeneratedContainerDigest) $(GeneratedContainerConfiguration.Length)" />
              </Target>
            </Project>
            """, StringComparison.Ordinal));

        var outcome = Run(workspace, project, way).EnsureSuccess();

        var lines = Lines(outcome).Where(line => line.EndsWith("directory", StringComparison.Ordinal)).ToList();
        foreach (var hook in new[] { "<PublishContainer", ">PublishContainer" })
            Assert.Single(lines, line => line.StartsWith(hook, StringComparison.Ordinal));
        foreach (var hook in new[] { "<PrepareForPublish", "<Publish", ">AfterPublish", "<ComputeContainerConfig" })
            Assert.Equal(3, lines.Count(line => line.StartsWith(hook + " ", StringComparison.Ordinal)));
        Assert.Equal(2, lines.Count(line => line.StartsWith("<_PublishSingleContainer ", StringComparison.Ordinal)));
        // The gate comes before any platform is built.
        Assert.All(
            lines.Where(line => line.StartsWith("<_PublishSingleContainer", StringComparison.Ordinal)),
            line => Assert.True(
                lines.IndexOf(line) > lines.FindIndex(other => other.StartsWith("<PublishContainer", StringComparison.Ordinal))));
        Assert.Equal(["latest", "second"], workspace.Registry.Tags("changed/by-hook").Order());
        var digest = workspace.Registry.FindManifest("changed/by-hook", "latest")!.Digest;
        var generated = Assert.Single(
            outcome.Messages, message => message!.StartsWith("generated: ", StringComparison.Ordinal))!.Split(' ');
        Assert.Equal(digest.ToString(), generated[1]);
        Assert.True(
            int.Parse(generated[2], CultureInfo.InvariantCulture) > 100, "azd reads the ports from GeneratedContainerConfiguration");
    }

    private static Outcome Run(Workspace workspace, ProjectCreator project, string way)
    {
        var (targets, properties) = Ways[way];
        if (way.Contains("--no-build", StringComparison.Ordinal))
            Workspace.Build(project, ["Build"]).EnsureSuccess();
        workspace.Registry.ClearRequests();
        return Workspace.Build(project, targets, properties);
    }

    private static List<string> Lines(Outcome outcome) =>
        [.. outcome.Messages.Where(
            message => message!.StartsWith(Prefix, StringComparison.Ordinal)).Select(message => message![Prefix.Length..])];

    private ProjectCreator Project(Workspace workspace, string kind, bool ours, Action<ProjectCreator>? projectCreator = null)
    {
        workspace.Write("hooks.targets", Hooks("directory"));
        workspace.Write("Directory.Build.targets", """<Project><Import Project="hooks.targets" /></Project>""");
        var id = $"Hooks.P{Guid.NewGuid():N}";
        fixture.Repository.Package(id, "1.0.0", out var hooks).FileText($"build/{id}.targets", Hooks("package"));
        return workspace.Project(
            project =>
            {
                project.Property("EnableSdkContainerSupport", "true").ItemPackageReference(hooks);
                foreach (var (name, when, target, _) in Names("project"))
                {
                    project.Target(name, afterTargets: when == ">" ? target : null, beforeTargets: when == "<" ? target : null)
                        .TaskMessage($"{Prefix}{when}{target} project", MessageImportance.High);
                }

                projectCreator?.Invoke(project);
            },
            sdk: Sdks[kind],
            reference: ours ? null : _ => { });
    }

    private static IEnumerable<(string Name, string When, string Target, string Place)> Names(string place) => Hooked.SelectMany(
        target => new[] { "<", ">" }.Select(when => ($"Hook_{place}_{(when == "<" ? "Before" : "After")}_{target}", when, target, place)));

    private static string Hooks(string place) => $"<Project>{string.Concat(Names(place).Select(Hook))}</Project>";

    private static string Hook((string Name, string When, string Target, string Place) hook)
    {
        var (attribute, sign) = hook.When == "<" ? ("BeforeTargets", "&lt;") : ("AfterTargets", "&gt;");
        return $"""
            <Target Name="{hook.Name}" {attribute}="{hook.Target}">
              <Message Importance="high" Text="{Prefix}{sign}{hook.Target} {hook.Place}" />
            </Target>
            """;
    }
}

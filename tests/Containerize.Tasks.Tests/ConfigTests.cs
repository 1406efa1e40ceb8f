using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>When and from where <c>ComputeContainerConfig</c> takes names and defaults.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class ConfigTests(PackageFixture fixture)
{
    [Fact]
    public void Evaluation_sets_no_default()
    {
        foreach (var name in new[] { "ContainerBaseImage", "ContainerRepository", "ContainerImageTag", "ContainerImageTags", "ContainerRuntimeIdentifier", "ContainerWorkingDirectory", "ContainerGenerateLabels", "ContainerUser", "ContainerAppCommand" })
        {
            fixture.Console.TryGetPropertyValue(name, out var value);
            Assert.True(value.Length == 0, $"{name} is '{value}'.");
        }
    }

    [Fact]
    public void Directory_Build_targets_are_heard()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project();
        workspace.Write("App/Directory.Build.targets", """
            <Project>
              <PropertyGroup>
                <ContainerRepository>team/late</ContainerRepository>
                <ContainerFamily>alpine</ContainerFamily>
                <ContainerImageTags>1.0;latest</ContainerImageTags>
                <ContainerWorkingDirectory>/srv</ContainerWorkingDirectory>
                <ContainerTitle>Late</ContainerTitle>
              </PropertyGroup>
              <ItemGroup>
                <ContainerLabel Include="org.acme.late" Value="yes" />
              </ItemGroup>
            </Project>
            """);

        var outcome = Workspace.Configure(project).EnsureSuccess();

        Assert.Equal("team/late", outcome["ContainerRepository"]);
        Assert.EndsWith("-alpine", outcome["ContainerBaseImage"], StringComparison.Ordinal);
        Assert.Equal(["1.0", "latest"], outcome.Tags);
        Assert.Equal("/srv", outcome["ContainerWorkingDirectory"]);
        Assert.Equal("Late", outcome.Labels["org.opencontainers.image.title"]);
        Assert.Equal("yes", outcome.Labels["org.acme.late"]);
        Assert.Equal(["dotnet", "/srv/App.dll"], outcome.Items("InspectCommand").Select(item => item.ItemSpec));
    }

    [Fact]
    public void The_projects_body_and_global_properties_are_heard_and_the_latter_win()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project(
            project => project.Property("ContainerRepository", "team/body").Property("ContainerImageTag", "2.0"));

        var outcome = Workspace.Configure(project, ("ContainerRepository", "team/global")).EnsureSuccess();

        Assert.Equal("team/global", outcome["ContainerRepository"]);
        Assert.Equal(["2.0"], outcome.Tags);
    }

    [Fact]
    public void A_target_before_ComputeContainerConfig_is_heard()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project();
        workspace.Write("App/Directory.Build.targets", """
            <Project>
              <Target Name="Hook" BeforeTargets="ComputeContainerConfig">
                <PropertyGroup>
                  <ContainerRepository>team/hooked</ContainerRepository>
                  <ContainerImageTags>7;8</ContainerImageTags>
                  <ContainerBaseImage>example.org/base:9</ContainerBaseImage>
                  <ContainerDescription>Hooked</ContainerDescription>
                </PropertyGroup>
                <ItemGroup>
                  <ContainerLabel Include="org.acme.hook" Value="1" />
                </ItemGroup>
              </Target>
            </Project>
            """);

        var outcome = Workspace.Configure(project).EnsureSuccess();

        Assert.Equal("team/hooked", outcome["ContainerRepository"]);
        Assert.Equal(["7", "8"], outcome.Tags);
        Assert.Equal("example.org/base:9", outcome["ContainerBaseImage"]);
        Assert.Equal("example.org/base:9", outcome.Labels["org.opencontainers.image.base.name"]);
        Assert.Equal("Hooked", outcome.Labels["org.opencontainers.image.description"]);
        Assert.Equal("1", outcome.Labels["org.acme.hook"]);
    }

    [Fact]
    public void ComputeContainerBaseImage_returns_the_base()
    {
        var outcome = Workspace.Build(fixture.Console, ["ComputeContainerBaseImage"], restore: false).EnsureSuccess();

        Assert.StartsWith(
            "mcr.microsoft.com/dotnet/runtime:",
            Assert.Single(outcome.Items("ComputeContainerBaseImage")).ItemSpec,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ghcr.io/team/base:1.2", "ghcr.io", "team/base", "1.2", "")]
    [InlineData(
        "localhost:5000/base@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "localhost:5000",
        "base",
        "",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData(
        "ghcr.io/base:1@sha256:0000000000000000000000000000000000000000000000000000000000000000",
        "ghcr.io",
        "base",
        "1",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("docker.io/ubuntu", "docker.io", "library/ubuntu", "", "")]
    public void The_bases_parts_are_told(string image, string registry, string name, string tag, string digest)
    {
        var outcome = fixture.Configure(("ContainerBaseImage", image)).EnsureSuccess();

        Assert.Equal(
            (registry, name, tag, digest),
            (outcome["ContainerBaseRegistry"], outcome["ContainerBaseName"], outcome["ContainerBaseTag"], outcome["ContainerBaseDigest"]));
        Assert.Equal(image, outcome["ContainerBaseImage"]);
    }

    [Fact]
    public void The_repository_is_the_assemblys_name_in_a_valid_form()
    {
        Assert.Equal("app", fixture.Configure().EnsureSuccess()["ContainerRepository"]);
        Assert.Equal("contoso-web", fixture.Configure(("AssemblyName", "Contoso.Web")).EnsureSuccess()["ContainerRepository"]);
        Assert.Equal("team/my-app", fixture.Configure(("ContainerRepository", "Team/My App")).EnsureSuccess()["ContainerRepository"]);
        Assert.Equal("team/my.app", fixture.Configure(("ContainerRepository", "team/my.app")).EnsureSuccess()["ContainerRepository"]);
    }

    [Fact]
    public void A_registry_or_a_tag_in_the_repository_is_a_warning_and_changes_nothing()
    {
        var whole = fixture.Configure(("ContainerRepository", "host:5000/app:1.2"));
        Assert.Contains(
            "ContainerRegistry to 'host:5000', ContainerRepository to 'app' and ContainerImageTag to '1.2'",
            whole.EnsureWarning("CTZ1042"),
            StringComparison.Ordinal);
        Assert.Equal("host-5000/app-1-2", whole["ContainerRepository"]);
        Assert.Equal(["latest"], whole.Tags);
        var host = fixture.Configure(("ContainerRepository", "ghcr.io/acme/app"));
        Assert.Contains("without ContainerRegistry nothing is pushed there", host.EnsureWarning("CTZ1042"), StringComparison.Ordinal);
        Assert.Equal("ghcr.io/acme/app", host["ContainerRepository"]);
        Assert.Equal("", host["ContainerRegistry"]);
    }

    [Theory]
    [InlineData("ContainerRegistry", "mirror.example.com")]
    [InlineData("LocalRegistry", "Docker")]
    [InlineData("ContainerArchiveOutputPath", "out/")]
    [InlineData("ContainerOciLayoutPath", "out/")]
    public void A_host_in_the_repository_is_a_part_of_the_name_where_the_image_goes_elsewhere(string property, string value) =>
        Assert.DoesNotContain(
            fixture.Configure(("ContainerRepository", "ghcr.io/acme/app"), (property, value)).EnsureSuccess().Output.WarningEvents,
            warning => warning.Code == "CTZ1042");

    [Fact]
    public void The_old_name_of_the_repository_works_with_a_warning()
    {
        var outcome = fixture.Configure(("ContainerImageName", "old/name"));

        Assert.Contains("ContainerRepository", outcome.EnsureWarning("CTZ1018"), StringComparison.Ordinal);
        Assert.Equal("old/name", outcome["ContainerRepository"]);
    }

    [Fact]
    public void Tags()
    {
        Assert.Equal(["latest"], fixture.Configure().EnsureSuccess().Tags);
        Assert.Equal(["1.0"], fixture.Configure(("ContainerImageTag", "1.0")).EnsureSuccess().Tags);
        Assert.Equal(["1.0", "b", "a"], fixture.Configure(("ContainerImageTags", " 1.0 ;b;;1.0; a;")).EnsureSuccess().Tags);
        Assert.Equal(["3"], fixture.Configure(("PublishImageTag", "3")).EnsureSuccess().Tags);
        Assert.Matches("^20[0-9]{12}$", Assert.Single(fixture.Configure(("AutoGenerateImageTag", "true")).EnsureSuccess().Tags));
    }

    [Fact]
    public void Visual_Studios_name_of_the_registry_is_heard() =>
        Assert.Equal("ghcr.io", fixture.Configure(("RegistryUrl", "ghcr.io")).EnsureSuccess()["ContainerRegistry"]);

    [Fact]
    public void The_runtime_identifier_is_the_builds_else_Linux_on_this_architecture()
    {
        Assert.Equal("linux-" + Workspace.ThisArchitecture, fixture.Configure().EnsureSuccess()["ContainerRuntimeIdentifier"]);
        Assert.Equal("linux-arm64", fixture.Configure(("RuntimeIdentifier", "linux-arm64")).EnsureSuccess()["ContainerRuntimeIdentifier"]);
        Assert.Equal(
            "linux-musl-arm",
            fixture.Configure(("RuntimeIdentifier", "linux-arm64"), ("ContainerRuntimeIdentifier", "linux-musl-arm"))
                .EnsureSuccess()["ContainerRuntimeIdentifier"]);
    }

    [Fact]
    public void One_of_several_runtime_identifiers_can_be_chosen() =>
        Assert.Equal(
            "linux-arm64",
            fixture.Configure(("RuntimeIdentifiers", "linux-x64;linux-arm64"), ("ContainerRuntimeIdentifier", "linux-arm64"))
                .EnsureSuccess()["ContainerRuntimeIdentifier"]);

    [Fact]
    public void A_single_runtime_identifier_in_the_plural_is_no_reason_to_fail() =>
        Assert.Equal(
            "linux-arm64", fixture.Configure(("ContainerRuntimeIdentifiers", "linux-arm64")).EnsureSuccess()["ContainerRuntimeIdentifier"]);

    [Fact]
    public void The_application_starts_itself_where_it_brings_the_runtime()
    {
        Assert.Equal(["dotnet", "/app/App.dll"], Command(fixture.Configure()));
        Assert.Equal(["/app/App"], Command(fixture.Configure(("RuntimeIdentifier", "linux-x64"), ("SelfContained", "true"))));
        Assert.Equal(["/app/App"], Command(fixture.Configure(("RuntimeIdentifier", "linux-x64"), ("PublishAot", "true"))));
        Assert.Equal(
            ["/opt/x/App"],
            Command(
                fixture.Configure(("RuntimeIdentifier", "linux-x64"), ("SelfContained", "true"), ("ContainerWorkingDirectory", "/opt/x"))));
        Assert.Empty(Command(fixture.Configure(("ContainerAppCommandInstruction", "None"))));

        static IEnumerable<string> Command(Outcome outcome) =>
            outcome.EnsureSuccess().Items("InspectCommand").Select(item => item.ItemSpec);
    }

    [Fact]
    public void A_single_file_program_starts_itself() =>
        Assert.Equal(
            ["/app/App"],
            fixture.Configure(("RuntimeIdentifier", "linux-x64"), ("PublishSingleFile", "true"), ("SelfContained", "false")).EnsureSuccess()
                .Items("InspectCommand").Select(item => item.ItemSpec));

    [Theory]
    [InlineData("maybe")]
    [InlineData("yes")]
    [InlineData("True")]
    [InlineData("1")]
    public void Odd_truth_values_do_not_break_the_build(string value)
    {
        var outcome = fixture.Configure(
            ("PublishAot", value),
            ("PublishTrimmed", value),
            ("InvariantGlobalization", value),
            ("ContainerGenerateLabels", value),
            ("ContainerGenerateLabelsImageCreated", value),
            ("RuntimeIdentifier", "linux-x64"));

        Assert.DoesNotContain(outcome.Errors, error => error.Code is "MSB4030" or "MSB4018");
        outcome.EnsureSuccess();
    }
}

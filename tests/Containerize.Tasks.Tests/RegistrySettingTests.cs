using System.Text;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>How registries are talked to, as a project says it.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class RegistrySettingTests(PackageFixture fixture)
{
    private const string Password = "t0ken-Pässwörd";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_login_of_the_project_is_used_and_its_secret_is_nowhere(bool fromFile)
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", Password) });
        var variable = "CTZ_TEST_" + Guid.NewGuid().ToString("N");
        var secret = Path.Combine(Path.GetTempPath(), variable);
        await File.WriteAllTextAsync(secret, Password + "\n");
        workspace.WriteItems($"""<ContainerRegistryLogin Include="{workspace.Registry.Host}" User="ada" {(fromFile ? $"PasswordFile=\"{secret}\"" : $"PasswordVariable=\"{variable}\"")} />""");
        Environment.SetEnvironmentVariable(variable, Password);
        try
        {
            var outcome = Workspace.Publish(workspace.Project()).EnsureSuccess();

            Assert.Equal(["latest"], workspace.Registry.Tags("app"));
            foreach (var shown in new[] { Password, Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:" + Password)) })
            {
                Assert.DoesNotContain(outcome.Output.AllEvents, e => e.Message?.Contains(shown, StringComparison.Ordinal) == true);
                Assert.DoesNotContain(
                    Directory.EnumerateFiles(workspace.Root, "*", SearchOption.AllDirectories),
                    file => File.ReadAllText(file).Contains(shown, StringComparison.Ordinal));
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
            File.Delete(secret);
        }
    }

    [Fact]
    public async Task A_login_without_its_secret_says_which_variable_is_missing()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", Password) });
        workspace.WriteItems($"""<ContainerRegistryLogin Include="{workspace.Registry.Host}" User="ada" PasswordVariable="CTZ_TEST_NO_SUCH" />""");

        var text = Workspace.Publish(workspace.Project()).EnsureError("CTZ4004");

        Assert.Contains("CTZ_TEST_NO_SUCH", text, StringComparison.Ordinal);
        Assert.Contains(workspace.Registry.Host, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_base_comes_from_the_projects_mirror_and_keeps_its_name()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        BaseImages.PushImage(workspace.Registry, "hub/team/base", "1", new BaseImageSpec { Platform = Workspace.ThisPlatform });
        workspace.WriteItems($"""<ContainerRegistryMirror Include="registry.invalid" Location="{workspace.Registry.Host}/hub" />""");

        Workspace.Publish(workspace.Project(), ("ContainerBaseImage", "registry.invalid/team/base:1")).EnsureSuccess();

        Assert.Equal(
            "registry.invalid/team/base:1",
            workspace.Config().GetProperty("config").GetProperty("Labels").GetProperty("org.opencontainers.image.base.name").GetString());
        Assert.Contains(workspace.Registry.Requests, request => request.Summary == "GET /v2/hub/team/base/manifests/1 → 200");
    }

    [Fact]
    public async Task An_exchange_that_drips_on_is_ended_by_the_limit_of_the_whole()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Registry.Faults.Add("PUT", "/manifests/", FaultScript.Always, Fault.WaitFor(Task.Delay(Timeout.Infinite)));

        var text = Workspace.Publish(workspace.Project(), ("ContainerRegistryTimeout", "2s")).EnsureError("CTZ4007");

        Assert.Contains("longer than 2 s", text, StringComparison.Ordinal);
        Assert.Contains("ContainerRegistryTimeout", text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));
    }

    [Fact]
    public async Task A_registry_that_is_silent_is_given_up()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Registry.Faults.Add("GET", "/manifests/", FaultScript.Always, Fault.WaitFor(Task.Delay(Timeout.Infinite)));

        var text = Workspace.Publish(workspace.Project(), ("ContainerRegistrySilenceTimeout", "500ms")).EnsureError("CTZ2004");

        Assert.Contains("does not answer", text, StringComparison.Ordinal);
    }

    public static TheoryData<string, string[]> Errors => new()
    {
        { """<ContainerRegistryLogin Include="ghcr.io" User="ci" />""", ["'ghcr.io'", "PasswordVariable", "PasswordFile"] },
        { """<ContainerRegistryLogin Include="ghcr.io" PasswordVariable="TOKEN" />""", ["needs a User or a UserVariable"] },
        { """<ContainerRegistryLogin Include="ghcr.io" User="ci" PasswordVariable="TOKEN" PasswordFile="x" />""", ["and not both"] },
        { """<ContainerRegistryLogin Include="ghcr.io" User="ci" PasswordVariable="s3cret!" />""", ["does not belong here"] },
        { """<ContainerRegistryLogin Include="https://ghcr.io" User="ci" PasswordVariable="TOKEN" />""", ["names no registry"] },
        { """<ContainerRegistryMirror Include="docker.io" />""", ["'docker.io'", "Location"] },
        { """<ContainerRegistryMirror Include="docker.io" Location="https://x" />""", ["'https://x'"] },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task What_is_not_valid_ends_the_build_before_anything_is_asked(string item, string[] mentions)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems(item);

        var text = Workspace.Publish(workspace.Project()).EnsureError("CTZ1041");

        Assert.All(mentions, mention => Assert.Contains(mention, text, StringComparison.Ordinal));
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Requests);
    }

    [Theory]
    [InlineData("ContainerInsecureRegistries", "a.example;not a host", "'not a host'")]
    [InlineData("ContainerRegistryTimeout", "soon", "'soon'")]
    [InlineData("ContainerRegistryConnectTimeout", "0s", "'0s'")]
    [InlineData("ContainerRegistrySilenceTimeout", "48h", "up to a day")]
    public void A_property_that_is_not_valid_is_named(string property, string value, string mention)
    {
        var text = fixture.Plan(("ContainerRegistry", "127.0.0.1:1"), (property, value)).EnsureError("CTZ1041");

        Assert.Contains(property, text, StringComparison.Ordinal);
        Assert.Contains(mention, text, StringComparison.Ordinal);
    }
}

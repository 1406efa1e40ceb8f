using System.Text;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>Credentials reach the registry and nothing else.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class SecretsTests(PackageFixture fixture)
{
    private const string Password = "s3cret-Pässwörd";

    // The SDK's rule: a base in the registry that is pushed to may be read with the general pair, any other only with that for pulling.
    [Theory]
    [InlineData("DOTNET_CONTAINER_REGISTRY")]
    [InlineData("SDK_CONTAINER_REGISTRY")]
    [InlineData("DOTNET_CONTAINER_PULL_REGISTRY+DOTNET_CONTAINER_PUSH_REGISTRY")]
    public async Task A_password_is_in_no_message_and_no_file(string prefix)
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", Password) });
        var project = workspace.Project();

        var outcome = With(prefix, Password, () => Workspace.Publish(project)).EnsureSuccess();

        Assert.Equal(["latest"], workspace.Registry.Tags("app"));
        AssertSecret(workspace, outcome);
    }

    [Fact]
    public async Task Nor_where_it_is_wrong()
    {
        await using var workspace = await Workspace.StartAsync(
            fixture, new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "another") });
        var project = workspace.Project();

        var outcome = With("DOTNET_CONTAINER_REGISTRY", Password, () => Workspace.Publish(project));

        outcome.EnsureError("CTZ2003");
        AssertSecret(workspace, outcome);
    }

    private static Outcome With(string prefix, string password, Func<Outcome> build)
    {
        Set(prefix, "ada", password);
        try
        {
            return build();
        }
        finally
        {
            Set(prefix, null, null);
        }

        static void Set(string prefixes, string? user, string? password)
        {
            foreach (var prefix in prefixes.Split('+'))
            {
                Environment.SetEnvironmentVariable(prefix + "_UNAME", user);
                Environment.SetEnvironmentVariable(prefix + "_PWORD", password);
            }
        }
    }

    private static void AssertSecret(Workspace workspace, Outcome outcome)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes("ada:" + Password));
        foreach (var secret in new[] { Password, basic, Uri.EscapeDataString(Password) })
        {
            Assert.DoesNotContain(outcome.Output.AllEvents, e => e.Message?.Contains(secret, StringComparison.Ordinal) == true);
            Assert.DoesNotContain(
                Directory.EnumerateFiles(workspace.Root, "*", SearchOption.AllDirectories),
                file => File.ReadAllText(file).Contains(secret, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("ContainerBaseImage", "u:s3cr3t@host.example/x:1", "CTZ1001")]
    [InlineData("ContainerBaseImage", "https://u:s3cr3t@host.example/x", "CTZ1001")]
    [InlineData("ContainerBaseImage", "docker-daemon:u:s3cr3t@host.example/x:1", "CTZ1001")]
    [InlineData("ContainerRepository", "u:s3cr3t@x", "CTZ1004")]
    [InlineData("ContainerRegistry", "u:s3cr3t@host.example", "CTZ1021")]
    public void A_login_in_a_name_is_not_repeated(string property, string value, string code) =>
        Assert.DoesNotContain("s3cr3t", fixture.Configure((property, value)).EnsureError(code), StringComparison.Ordinal);

    [Theory]
    [InlineData("u:s3cr3t@host.example/x:1")]
    [InlineData("https://u:s3cr3t@host.example/x:1")]
    [InlineData("docker-daemon:u:s3cr3t@host.example/x:1")]
    public async Task A_login_in_a_destination_is_not_repeated(string destination)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.ItemInclude("ContainerDestination", destination));

        Assert.DoesNotContain("s3cr3t", Workspace.Publish(project).EnsureError("CTZ1036"), StringComparison.Ordinal);
        Assert.Empty(workspace.Registry.Tags("app"));
    }
}

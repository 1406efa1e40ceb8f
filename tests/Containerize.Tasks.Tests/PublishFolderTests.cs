using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>
/// The publish folder is the user's: what lies there stays and goes into the image, but for what a publish with an image has left there.
/// </summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PublishFolderTests(PackageFixture fixture)
{
    public static TheoryData<string> Ways => ["property", "target", "profile"];

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_comes_from_elsewhere_stays_is_in_the_image_and_is_named(string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var folder = workspace.PublishFolder(Publish(project, way));
        var own = Path.Combine(folder, "own.txt");
        File.WriteAllText(own, "mine");

        var outcome = Publish(project, way);

        Assert.Equal("mine", File.ReadAllText(own));
        Assert.Contains("own.txt", workspace.Files());
        Assert.Contains(
            outcome.Messages,
            message => message == "App: not published by this build, but in the publish folder, and so in the image: own.txt.");
    }

    // The widely copied recipes for Swagger files and templates.
    [Theory]
    [InlineData("BeforeTargets=\"PrepareForPublish\"", "property")]
    [InlineData("AfterTargets=\"Build\"", "property")]
    [InlineData("AfterTargets=\"Publish\"", "property")]
    [InlineData("BeforeTargets=\"PrepareForPublish\"", "target")]
    [InlineData("AfterTargets=\"Build\"", "target")]
    [InlineData("AfterTargets=\"Build\"", "profile")]
    public async Task What_a_target_copies_to_the_publish_folder_is_in_the_image(string hook, string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var source = workspace.Write("swagger/v1.json", "{}");
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <Target Name="CopySwagger" {hook}><Copy SourceFiles="{source}" DestinationFolder="$(PublishDir)swagger" SkipUnchangedFiles="true" /></Target>
            </Project>
            """);
        var project = workspace.Project();

        foreach (var tag in new[] { "1", "2" })
        {
            var outcome = Publish(project, way, ("ContainerImageTag", tag));
            Assert.Contains("swagger/v1.json", workspace.Files());
            Assert.True(File.Exists(Path.Combine(workspace.PublishFolder(outcome), "swagger", "v1.json")));
        }

        Assert.Equal(workspace.Registry.FindManifest("app", "1")!.Digest, workspace.Registry.FindManifest("app", "2")!.Digest);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task What_an_earlier_image_had_is_brought_to_what_is_published_now(string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<None Include="$(MSBuildThisFileDirectory)content/*" CopyToPublishDirectory="PreserveNewest" LinkBase="content" />""");
        var source = Enumerable.Range(0, 4).Select(i => workspace.Write($"content/{i}.txt", $"content {i}")).ToList();
        foreach (var file in source)
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        var project = workspace.Project();
        var folder = workspace.PublishFolder(Publish(project, way));
        var published = source.Select(file => Path.Combine(folder, "content", Path.GetFileName(file))).ToList();

        // The user has worked on the published file.
        File.WriteAllText(published[1], "CONTENT 1");
        // An older source, as of an older version of a package: MSBuild does not copy it over a newer file.
        File.WriteAllText(source[2], "older 222");
        File.SetLastWriteTimeUtc(source[2], DateTime.UtcNow.AddDays(-30));
        File.Delete(source[3]);
        var outcome = Publish(project, way, ("ContainerImageTag", "2"));

        Assert.Equal(["content 0", "CONTENT 1", "older 222"], published[..3].Select(File.ReadAllText));
        Assert.False(File.Exists(published[3]));
        Assert.DoesNotContain("content/3.txt", workspace.Files());
        Assert.Contains(
            outcome.Messages,
            message => message == "App: changed in the publish folder after the build had copied it, and in the image as changed: "
                + "content/1.txt.");
    }

    // The SDK deletes what it published before, and leaves the folders, which a fresh clone's image does not have.
    [Fact]
    public async Task No_empty_folder_is_left_in_the_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<None Include="$(MSBuildThisFileDirectory)content/**" CopyToPublishDirectory="PreserveNewest" LinkBase="content" />""");
        var project = workspace.Project();
        Publish(project, "property", ("ContainerImageTag", "1"));
        var source = workspace.Write("content/deep/er/1.txt", "1");
        var folder = workspace.PublishFolder(Publish(project, "property", ("ContainerImageTag", "2")));
        Directory.CreateDirectory(Path.Combine(folder, "the-users-empty-folder"));
        File.Delete(source);

        Publish(project, "property", ("ContainerImageTag", "3"));

        Assert.False(Directory.Exists(Path.Combine(folder, "content")));
        Assert.True(Directory.Exists(Path.Combine(folder, "the-users-empty-folder")));
        Directory.Delete(Path.Combine(folder, "the-users-empty-folder"));
        Publish(project, "property", ("ContainerImageTag", "4"));
        Assert.Equal(workspace.Registry.FindManifest("app", "1")!.Digest, workspace.Registry.FindManifest("app", "4")!.Digest);
    }

    [Theory]
    [InlineData("PrepareForPublish")]
    [InlineData("_CopyResolvedFilesToPublishPreserveNewest")]
    [InlineData("Publish")]
    public async Task A_publish_that_fails_leaves_what_was_there(string target)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <Target Name="Fail" AfterTargets="{target}" Condition="'$(Fails)' == 'true'"><Error Text="fails" /></Target>
            </Project>
            """);
        var project = workspace.Project();
        var folder = workspace.PublishFolder(Publish(project, "property"));
        File.WriteAllText(Path.Combine(folder, "own.txt"), "mine");
        var files = Files();

        Assert.False(Workspace.Publish(project, ("Fails", "true")).Succeeded);

        Assert.Equal(files, Files());

        List<string> Files() => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_folder_that_is_a_link_stays_one()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var folder = Path.TrimEndingDirectorySeparator(workspace.PublishFolder(Publish(project, "property")));
        var elsewhere = workspace.PathOf("elsewhere");
        Directory.Move(folder, elsewhere);
        Directory.CreateSymbolicLink(folder, elsewhere);
        var there = Directory.GetFiles(elsewhere).Order().ToList();

        Publish(project, "property");

        Assert.Equal(elsewhere, new DirectoryInfo(folder).LinkTarget);
        Assert.Equal(there, Directory.GetFiles(elsewhere).Order());
        Assert.Contains("App.dll", workspace.Files());
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_renamed_static_file_leaves_nothing_behind(string way)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var old = workspace.Write("App/wwwroot/old.css", "body { color: black }\n");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        Publish(project, way);
        File.Move(old, workspace.PathOf("App", "wwwroot", "new.css"));

        Publish(project, way);

        Assert.Contains("wwwroot/new.css", workspace.Files());
        Assert.DoesNotContain(workspace.Files(), file => file.Contains("old.css", StringComparison.Ordinal));
    }

    // The SDK publishes static assets by targets of their own, which go by times.
    [Theory]
    [InlineData("content", "new .a", "black.b")]
    [InlineData("source", "other.a", "black.b")]
    [InlineData("none left", null, null)]
    [InlineData("no static assets", null, null)]
    public async Task Static_files_are_those_of_now(string change, string? a, string? b)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var old = DateTime.UtcNow.AddDays(-2);
        foreach (var (path, content) in new[] { ("App/wwwroot/b.css", "black.b"), ("one/a.css", "black.a"), ("two/a.css", "other.a") })
            File.SetLastWriteTimeUtc(
                workspace.Write(path, content), path.StartsWith("two", StringComparison.Ordinal) ? old.AddDays(-1) : old);
        Link("one");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        var folder = Path.Combine(workspace.PublishFolder(Publish(project, "property")), "wwwroot");
        Assert.Equal("black.a", Read("a.css"));

        switch (change)
        {
            case "content": workspace.Write("one/a.css", "new .a"); break;
            case "source": Link("two"); break;
            case "none left": Link(null); File.Delete(workspace.PathOf("App/wwwroot/b.css")); break;
        }

        Publish(
            project,
            "property",
            change == "no static assets" ? [("StaticWebAssetsEnabled", "false"), ("EnableDefaultContentItems", "false")] : []);

        Assert.Equal((a, b), (Read("a.css"), Read("b.css")));

        string? Read(string file) => File.Exists(Path.Combine(folder, file)) ? File.ReadAllText(Path.Combine(folder, file)) : null;

        void Link(string? source) => workspace.WriteItems(source is null ? "" : $"""<Content Include="{workspace.PathOf(source, "a.css")}" Link="wwwroot/a.css" />""");
    }

    [Fact]
    public async Task Of_a_folder_that_the_user_named_the_same_holds()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        foreach (var file in new[] { "elsewhere.css", "never.css", "here.css", "stays.css" })
            workspace.Write("App/wwwroot/" + file, "ours");
        workspace.WriteItems("""<Content Update="wwwroot/never.css" CopyToPublishDirectory="Never" />""");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        Publish(project, "property");
        File.Delete(workspace.PathOf("App/wwwroot/elsewhere.css"));
        foreach (var file in new[] { "elsewhere.css", "never.css" })
            workspace.Write("mine/wwwroot/" + file, "mine");
        Mine();
        File.Delete(workspace.PathOf("App/wwwroot/here.css"));

        Mine();

        Assert.Equal(
            ["elsewhere.css: mine", "never.css: mine", "stays.css: ours"],
            Directory.GetFiles(workspace.PathOf("mine/wwwroot"), "*.css").Order(StringComparer.Ordinal)
                .Select(path => $"{Path.GetFileName(path)}: {File.ReadAllText(path)}"));

        void Mine() => Publish(project, "property", ("PublishDir", workspace.PathOf("mine") + "/"));
    }

    // The SDK has a list for each configuration and framework.
    [Fact]
    public async Task Another_configuration_in_the_same_folder_leaves_nothing_of_the_first()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<None Include="$(MSBuildThisFileDirectory)one.txt" CopyToPublishDirectory="PreserveNewest" Condition="'$(Configuration)' == 'Release'" />""");
        workspace.Write("one.txt", "1");
        var project = workspace.Project();
        (string, string) folder = ("PublishDir", workspace.PathOf("out") + "/");
        Publish(project, "property", folder);
        Assert.True(File.Exists(workspace.PathOf("out", "one.txt")));

        Workspace.Publish(project, folder, ("Configuration", "Debug")).EnsureSuccess();

        Assert.False(File.Exists(workspace.PathOf("out", "one.txt")));
    }

    [Fact]
    public void A_plain_publish_touches_nothing_and_keeps_no_record()
    {
        var workspace = Workspace.Create(fixture);
        var old = workspace.Write("App/wwwroot/old.css", "old");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        var folder = workspace.PublishFolder(Plain());
        File.WriteAllText(Path.Combine(folder, "own.txt"), "mine");
        File.WriteAllText(Path.Combine(folder, "wwwroot", "old.css"), "edited");
        File.Delete(old);

        Plain();

        Assert.Equal("mine", File.ReadAllText(Path.Combine(folder, "own.txt")));
        Assert.Equal("edited", File.ReadAllText(Path.Combine(folder, "wwwroot", "old.css")));
        Assert.DoesNotContain(
            Directory.EnumerateDirectories(workspace.PathOf("App", "obj"), "*", SearchOption.AllDirectories),
            path => Path.GetFileName(path) == "containerize");

        Outcome Plain() => Workspace.Build(project, ["Publish", .. Outcome.Inspections]).EnsureSuccess();
    }

    [Fact]
    public async Task Two_projects_in_one_folder_leave_each_others_files_and_are_told()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<None Include="$(MSBuildThisFileDirectory)shared.txt" CopyToPublishDirectory="PreserveNewest" />""");
        workspace.Write("shared.txt", "shared");
        var (one, two) = (workspace.Project(name: "One"), workspace.Project(name: "Two"));
        (string, string)[] folder = [("PublishDir", workspace.PathOf("out") + "/"), ("ContainerChecks", "None")];
        Publish(one, "property", folder);

        var text = Workspace.Publish(two, folder).EnsureWarning("CTZ3012");

        Assert.Contains("'One.", text, StringComparison.Ordinal);
        Assert.Equal(["One.dll", "Two.dll"], Directory.GetFiles(workspace.PathOf("out"), "*.dll").Select(Path.GetFileName).Order());
        Assert.Contains("Two.dll", workspace.Files("Two"));
    }

    // What a neighbour's publish, which deletes what it published before, may take away in between.
    [Theory]
    [InlineData("Two.dll", "The program 'Two.dll' is not in the publish folder ")]
    [InlineData("shared.txt", "'shared.txt' was published and is gone from ")]
    public async Task An_image_that_would_lack_what_was_published_is_an_error_before_anything_is_sent(string file, string message)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("shared.txt", "shared");
        workspace.Write("Directory.Build.targets", $"""
            <Project>
              <ItemGroup><None Include="$(MSBuildThisFileDirectory)shared.txt" CopyToPublishDirectory="PreserveNewest" /></ItemGroup>
              <Target Name="Neighbour" AfterTargets="Publish" Condition="'$(MSBuildProjectName)' == 'Two'"><Delete Files="$(PublishDir){file}" /></Target>
            </Project>
            """);
        var (one, two) = (workspace.Project(name: "One"), workspace.Project(name: "Two"));
        (string, string)[] folder = [("PublishDir", workspace.PathOf("out") + "/")];
        Publish(one, "property", folder);
        workspace.Registry.ClearRequests();

        var text = Workspace.Publish(two, folder).EnsureError("CTZ3010");

        Assert.StartsWith(message, text, StringComparison.Ordinal);
        Assert.DoesNotContain(workspace.Registry.Requests, request => request.Method is "POST" or "PUT" or "PATCH");
    }

    [Fact]
    public async Task A_target_may_delete_published_files_and_a_project_may_publish_no_program()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("settings.Development.json", "{}");
        workspace.Write("Directory.Build.targets", """
            <Project>
              <ItemGroup><None Include="$(MSBuildThisFileDirectory)settings.Development.json" CopyToPublishDirectory="PreserveNewest" /></ItemGroup>
              <Target Name="Trim" AfterTargets="Publish"><Delete Files="$(PublishDir)settings.Development.json" /></Target>
              <Target Name="NoProgram" BeforeTargets="PublishContainer" Condition="'$(NoProgram)' == 'true'"><Delete Files="$(PublishDir)App.dll" /></Target>
            </Project>
            """);
        var project = workspace.Project();

        Publish(project, "property");
        Assert.DoesNotContain("settings.Development.json", workspace.Files());
        Publish(project, "property", ("NoProgram", "true"), ("ContainerAppCommandInstruction", "None"));
        Publish(project, "property", ("NoProgram", "true"), ("CopyBuildOutputToPublishDirectory", "false"));
        Workspace.Publish(project, ("NoProgram", "true")).EnsureError("CTZ3010");
    }

    [Fact]
    public async Task A_published_file_that_changes_while_the_image_is_built_is_an_error()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Second" AfterTargets="ContainerizePlan" Condition="'$(Changed)' != ''"><WriteLinesToFile File="$(PublishDir)$(Changed)" Lines="a second publish" Overwrite="true" /></Target>
            </Project>
            """);
        var project = workspace.Project();
        Publish(project, "property");
        workspace.Registry.ClearRequests();

        var text = Workspace.Publish(project, ("Changed", "App.deps.json"), ("ContainerImageTag", "2")).EnsureError("CTZ3011");

        Assert.StartsWith("The published file 'App.deps.json' changed in ", text, StringComparison.Ordinal);
        Assert.Equal(0, workspace.ManifestPuts);
        // A log of a program that runs in the folder.
        Publish(project, "property", ("Changed", "app.log"));
    }

    [Theory]
    [InlineData("PublishDir")]
    [InlineData("project")]
    public async Task A_folder_that_the_user_named_keeps_what_is_there(string how)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var folder = workspace.PathOf("mine");
        var own = workspace.Write("mine/precious.txt", "mine");
        var project = workspace.Project(project => project.Property("PublishDir", how == "project" ? folder + "/" : null));

        var outcome = Publish(project, "property", how == "PublishDir" ? [("PublishDir", folder + "/")] : []);

        Assert.Equal(folder + "/", outcome["PublishDir"]);
        Assert.True(File.Exists(own));
        Assert.True(File.Exists(Path.Combine(folder, "App.dll")));
    }

    [Fact]
    public async Task The_builds_own_output_folder_may_be_the_publish_folder()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("PublishDir", "$(OutputPath)"));

        Publish(project, "property");

        Assert.Contains("App.dll", workspace.Files());
    }

    private static Outcome Publish(ProjectCreator project, string way, params (string, string)[] properties)
    {
        var (targets, wish) = way switch
        {
            "target" => ((string[])["Publish", "PublishContainer"], Array.Empty<(string, string)>()),
            "profile" => (["Publish"], [("PublishProfile", "DefaultContainer")]),
            _ => (["Publish"], [("ContainerPublish", "true")]),
        };
        return Workspace.Build(project, [.. targets, .. Outcome.Inspections], [.. wish, .. properties]).EnsureSuccess();
    }
}

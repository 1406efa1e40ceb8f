using Containerize.Hosting;
using Containerize.Testing;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities.ProjectCreation;
using Xunit;

namespace Containerize.Tasks.Tests;

/// <summary>The publish folder: what earlier publishes left there is no part of the image.</summary>
[Collection(MSBuildDefinition.Name)]
public sealed class PublishFolderTests(PackageFixture fixture)
{
    [Theory]
    [InlineData("")]
    [InlineData("linux-RID")]
    public async Task A_stale_file_is_not_in_the_image(string runtimeIdentifier)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = runtimeIdentifier.Length == 0 ? [] : [("RuntimeIdentifier", "linux-" + Workspace.ThisArchitecture), ("SelfContained", "false")];
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Publish(project, properties).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        File.WriteAllText(Path.Combine(folder, "stale.txt"), "stale");

        Workspace.Publish(project, properties).EnsureSuccess();

        Assert.DoesNotContain("stale.txt", workspace.Files());
        Assert.False(File.Exists(Path.Combine(folder, "stale.txt")));
    }

    [Fact]
    public async Task What_copying_would_make_again_stays_and_all_else_is_made_anew()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.WriteItems("""<None Include="$(MSBuildThisFileDirectory)content/*" CopyToPublishDirectory="PreserveNewest" LinkBase="content" />""");
        var source = Enumerable.Range(0, 4).Select(i => workspace.Write($"content/{i}.txt", $"content {i}")).ToList();
        foreach (var file in source)
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-1));
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Publish(project).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        var published = source.Select(file => Path.Combine(folder, "content", Path.GetFileName(file))).ToList();

        // Told from its source by nothing that is looked at: it shows that nobody has copied it.
        Rewrite(published[0], "CONTENT 0", File.GetLastWriteTimeUtc(source[0]));
        // Somebody has worked on the published file.
        File.WriteAllText(published[1], "CONTENT 1");
        // An older source, as of an older version of a package: MSBuild would not copy it over a newer file.
        Rewrite(source[2], "older 222", File.GetLastWriteTimeUtc(source[2]).AddDays(-30));
        File.Delete(source[3]);
        Workspace.Publish(project, ("ContainerImageTag", "2")).EnsureSuccess();

        Assert.Equal(["CONTENT 0", "content 1", "older 222"], published[..3].Select(File.ReadAllText));
        Assert.False(File.Exists(published[3]));
        Assert.False(Directory.Exists(workspace.PathOf("App", "obj", "Release", "net10.0", "containerize", "published")));
        Assert.DoesNotContain("content/3.txt", workspace.Files());

        static void Rewrite(string path, string content, DateTime time)
        {
            File.WriteAllText(path, content);
            File.SetLastWriteTimeUtc(path, time);
        }
    }

    [Fact]
    public async Task A_publish_that_has_failed_leaves_no_trace_in_the_next_one()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        workspace.Write("Directory.Build.targets", """
            <Project>
              <Target Name="Fail" AfterTargets="PrepareForPublish" Condition="'$(Fails)' == 'true'"><Error Text="fails" /></Target>
            </Project>
            """);
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Publish(project).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        var files = Files();
        Assert.False(Workspace.Publish(project, ("Fails", "true")).Succeeded);
        Assert.Empty(Files());

        Workspace.Publish(project).EnsureSuccess();

        Assert.Equal(files, Files());

        List<string> Files() => [.. Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_folder_that_is_a_link_is_taken_away_and_what_it_leads_to_stays()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        var folder = Path.TrimEndingDirectorySeparator(Path.Combine(workspace.PathOf("App"), Workspace.Publish(project).EnsureSuccess()["PublishDir"].Replace('\\', '/')));
        var elsewhere = workspace.PathOf("elsewhere");
        Directory.Move(folder, elsewhere);
        Directory.CreateSymbolicLink(folder, elsewhere);
        var there = Directory.GetFiles(elsewhere).Order().ToList();

        Workspace.Publish(project).EnsureSuccess();

        Assert.Null(new DirectoryInfo(folder).LinkTarget);
        Assert.Equal(there, Directory.GetFiles(elsewhere).Order());
        Assert.True(File.Exists(Path.Combine(folder, "App.dll")));
    }

    // A publish in another process of the machine would have it.
    [Fact]
    public async Task A_second_publish_of_the_project_waits_until_the_first_one_has_its_image()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project();
        Workspace.Publish(project).EnsureSuccess();
        var first = await FileLock.EnterAsync(workspace.PathOf("App", "obj", "Release", "net10.0", "containerize"), "00", TimeProvider.System, null, default);

        var second = Task.Run(() => Workspace.Publish(project).EnsureSuccess());
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(TimeSpan.FromSeconds(6))));
        first.Dispose();
        var outcome = await second;

        Assert.Contains(outcome.Output.MessageEvents, message => message.Message!.StartsWith("Another publish of this project fills '", StringComparison.Ordinal) && message.Importance == MessageImportance.High);
        Assert.Contains("App.dll", workspace.Files());
        // It is given on as soon as the image has been built, and with the build at the latest.
        using var third = await FileLock.EnterAsync(workspace.PathOf("App", "obj", "Release", "net10.0", "containerize"), "00", TimeProvider.System, null, default);
        Assert.False(third.IsAnothers);
    }

    [Fact]
    public void A_build_does_not_wait_for_itself_and_not_for_ever_for_others()
    {
        var workspace = Workspace.Create(fixture);
        var (folder, publish) = (workspace.PathOf("obj"), workspace.PathOf("publish"));
        using var engine = new MockBuildEngine();
        Assert.True(Set(engine, TimeProvider.System));
        Assert.True(Set(engine, TimeProvider.System));

        using var other = new MockBuildEngine();
        Assert.False(Set(other, new SteppingClock()));

        Assert.Equal("CTZ3009", Assert.Single(other.Errors).Code);
        Assert.StartsWith($"Another publish of this project has been filling the publish folder '{publish}' for ten minutes, and is not done. ", other.Errors[0].Message, StringComparison.Ordinal);
        PublishFolderTurn.Leave(engine, folder);
        Assert.True(Set(other, TimeProvider.System));

        bool Set(MockBuildEngine builds, TimeProvider clock)
        {
            using var task = new SetPublishFolderAside
            {
                BuildEngine = builds, Clock = clock, PublishDirectory = publish, ImageFolderPath = folder, AsideDirectory = Path.Combine(folder, "published"),
            };
            return task.Execute();
        }
    }

    [Fact]
    public async Task A_renamed_static_file_leaves_nothing_behind()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var old = workspace.Write("App/wwwroot/old.css", "body { color: black }\n");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        Workspace.Publish(project).EnsureSuccess();
        File.Move(old, workspace.PathOf("App", "wwwroot", "new.css"));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Contains("wwwroot/new.css", workspace.Files());
        Assert.DoesNotContain(workspace.Files(), file => file.Contains("old.css", StringComparison.Ordinal));
    }

    // The SDK publishes static assets by targets of their own, which go by times.
    [Theory]
    [InlineData("nothing", "marked", "marked")]
    [InlineData("content", "new .a", "marked")]
    [InlineData("source", "other.a", "marked")]
    [InlineData("none left", null, null)]
    [InlineData("no static assets", null, null)]
    public async Task Static_files_are_copied_where_their_source_is_another(string change, string? a, string? b)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var old = DateTime.UtcNow.AddDays(-2);
        foreach (var (path, content) in new[] { ("App/wwwroot/b.css", "black.b"), ("one/a.css", "black.a"), ("two/a.css", "other.a") })
            File.SetLastWriteTimeUtc(workspace.Write(path, content), path.StartsWith("two", StringComparison.Ordinal) ? old.AddDays(-1) : old);
        Link("one");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Publish(project).EnsureSuccess()["PublishDir"].Replace('\\', '/'), "wwwroot");
        Assert.Equal("black.a", Read("a.css"));
        // What is not copied anew can be told from what is.
        foreach (var file in new[] { "a.css", "b.css" })
        {
            File.WriteAllText(Path.Combine(folder, file), "marked.");
            File.SetLastWriteTimeUtc(Path.Combine(folder, file), old);
        }

        switch (change)
        {
            case "content": workspace.Write("one/a.css", "new .a."); break;
            case "source": Link("two"); break;
            case "none left": Link(null); File.Delete(workspace.PathOf("App/wwwroot/b.css")); break;
        }

        Workspace.Publish(project, change == "no static assets" ? [("StaticWebAssetsEnabled", "false"), ("EnableDefaultContentItems", "false")] : []).EnsureSuccess();

        Assert.Equal(a, Read("a.css")?.TrimEnd('.'));
        Assert.Equal(b, Read("b.css")?.TrimEnd('.'));

        string? Read(string file) => File.Exists(Path.Combine(folder, file)) ? File.ReadAllText(Path.Combine(folder, file)) : null;

        void Link(string? source) => workspace.WriteItems(source is null ? "" : $"""<Content Include="{workspace.PathOf(source, "a.css")}" Link="wwwroot/a.css" />""");
    }

    [Fact]
    public async Task In_a_folder_that_the_user_named_only_static_files_that_were_copied_there_are_removed()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        foreach (var file in new[] { "elsewhere.css", "never.css", "here.css", "stays.css" })
            workspace.Write("App/wwwroot/" + file, "ours");
        workspace.WriteItems("""<Content Update="wwwroot/never.css" CopyToPublishDirectory="Never" />""");
        var project = workspace.Project(sdk: "Microsoft.NET.Sdk.Web");
        Workspace.Publish(project).EnsureSuccess();
        File.Delete(workspace.PathOf("App/wwwroot/elsewhere.css"));
        foreach (var file in new[] { "elsewhere.css", "never.css" })
            workspace.Write("mine/wwwroot/" + file, "mine");
        Publish();
        File.Delete(workspace.PathOf("App/wwwroot/here.css"));

        Publish();

        Assert.Equal(
            ["elsewhere.css: mine", "never.css: mine", "stays.css: ours"],
            Directory.GetFiles(workspace.PathOf("mine/wwwroot"), "*.css").Order(StringComparer.Ordinal).Select(path => $"{Path.GetFileName(path)}: {File.ReadAllText(path)}"));

        void Publish() => Workspace.Publish(project, ("PublishDir", workspace.PathOf("mine") + "/")).EnsureSuccess();
    }

    [Theory]
    [InlineData("PublishDir")]
    [InlineData("command line")]
    [InlineData("project")]
    public async Task A_folder_that_the_user_named_is_never_emptied(string how)
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var folder = workspace.PathOf("mine");
        var own = workspace.Write("mine/precious.txt", "mine");
        var project = workspace.Project(project => project.Property("PublishDir", how == "project" ? folder + "/" : null));

        var outcome = Workspace.Publish(project, how switch
        {
            "PublishDir" => [("PublishDir", folder + "/")],
            "command line" => [("PublishDir", folder + "/"), ("_CommandLineDefinedOutputPath", "true")],
            _ => [],
        }).EnsureSuccess();

        Assert.Equal(folder + "/", outcome["PublishDir"]);
        Assert.True(File.Exists(own));
        Assert.True(File.Exists(Path.Combine(folder, "App.dll")));
    }

    [Fact]
    public void A_plain_publish_empties_nothing()
    {
        var workspace = Workspace.Create(fixture);
        var project = workspace.Project();
        var folder = Path.Combine(workspace.PathOf("App"), Workspace.Build(project, ["Publish", .. Outcome.Inspections]).EnsureSuccess()["PublishDir"].Replace('\\', '/'));
        File.WriteAllText(Path.Combine(folder, "stale.txt"), "stale");

        Workspace.Build(project, ["Publish"]).EnsureSuccess();

        Assert.True(File.Exists(Path.Combine(folder, "stale.txt")));
    }

    [Fact]
    public async Task With_an_artifacts_folder_only_the_projects_own_part_is_emptied()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        (string, string)[] properties = [("ArtifactsPath", workspace.PathOf("artifacts")), ("UseArtifactsOutput", "true")];
        workspace.Write("artifacts/publish/Other/release/other.txt", "other");
        var stale = workspace.Write("artifacts/publish/App/release/stale.txt", "stale");

        Workspace.Publish(workspace.Project(), properties).EnsureSuccess();

        Assert.True(File.Exists(workspace.PathOf("artifacts", "publish", "App", "release", "App.dll")));
        Assert.False(File.Exists(stale));
        Assert.True(File.Exists(workspace.PathOf("artifacts", "publish", "Other", "release", "other.txt")));
    }

    [Fact]
    public async Task A_publish_folder_directly_in_the_artifacts_folder_is_the_users()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var own = workspace.Write("artifacts/publish/precious.txt", "mine");

        Workspace.Publish(
            workspace.Project(),
            ("ArtifactsPath", workspace.PathOf("artifacts")), ("UseArtifactsOutput", "true"), ("PublishDir", workspace.PathOf("artifacts", "publish") + "/")).EnsureSuccess();

        Assert.True(File.Exists(own));
    }

    [Fact]
    public async Task The_builds_own_output_folder_is_never_emptied()
    {
        await using var workspace = await Workspace.StartAsync(fixture);
        var project = workspace.Project(project => project.Property("PublishDir", "$(OutputPath)"));

        Workspace.Publish(project).EnsureSuccess();

        Assert.Contains("App.dll", workspace.Files());
    }
}

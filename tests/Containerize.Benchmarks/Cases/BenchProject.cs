using Containerize.Testing;

namespace Containerize.Benchmarks.Cases;

/// <summary>
/// HelloWeb as a user has it: in a folder of its own, for one competitor in one case, with caches and temporary files of its own.
/// </summary>
public sealed class BenchProject : IDisposable
{
    private readonly string _folder;

    /// <summary>Copies the project.</summary>
    /// <param name="sandbox">Where to.</param>
    /// <param name="benchCase">The case.</param>
    /// <param name="competitor">The name of the competitor.</param>
    /// <param name="package">The version of Containerize that it refers to; null where it does not.</param>
    public BenchProject(Sandbox sandbox, BenchCase benchCase, string competitor, string? package)
    {
        Sandbox = sandbox;
        Case = benchCase;
        _folder = $"cases/{benchCase.Name}/{competitor}";
        Repository = $"bench/{benchCase.Name}-{competitor}";
        foreach (var project in new[] { "HelloWeb", "HelloWeb.Greetings" })
            sandbox.CopyDirectory($"testassets/{project}", $"{_folder}/{project}");
        sandbox.Write($"{_folder}/Directory.Build.props", Properties(package is not null));
        sandbox.Write($"{_folder}/Directory.Packages.props", Versions(package));
        ChangeLine();
        if (benchCase.HasModels)
            ModelFiles.Write(Models);
    }

    /// <summary>The sandbox that it lies in.</summary>
    public Sandbox Sandbox { get; }

    /// <summary>The case that it is for.</summary>
    public BenchCase Case { get; }

    /// <summary>The image's repository.</summary>
    public string Repository { get; }

    /// <summary>The folder of HelloWeb, relative to the sandbox.</summary>
    public string Folder => $"{_folder}/HelloWeb";

    /// <summary>What stands for the user's cache.</summary>
    public string CacheFolder => PathOf("cache");

    /// <summary>What stands for the machine's temporary folder, which is where the .NET SDK keeps the layers of bases.</summary>
    /// <remarks>Not in the sandbox: the runtime makes sockets in it, and the path of a socket has at most 107 bytes.</remarks>
    public string TemporaryFolder { get; } = Directory.CreateTempSubdirectory("ctz-").FullName;

    /// <summary>Where an archive of the image goes.</summary>
    public string Archive => PathOf("image", Case.Place == Place.GzipArchive ? "image.tar.gz" : "image.tar");

    private string Models => Sandbox.PathOf("models");

    /// <summary>The full path of something beside HelloWeb.</summary>
    public string PathOf(params string[] parts) => Sandbox.PathOf([_folder, .. parts]);

    /// <summary>Makes everything ready for a run of the case.</summary>
    public void Prepare()
    {
        if (Case.ChangesLine)
            ChangeLine();
        if (Case.ForgetsImage || Case.ForgetsMachine)
            ForgetImage();
        if (Case.ForgetsMachine)
        {
            Renew(CacheFolder);
            Renew(TemporaryFolder);
        }

        // An archive that is there and is the same might be left alone.
        if (Case.Place is Place.Archive or Place.GzipArchive)
            Renew(Path.GetDirectoryName(Archive)!);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        TestDirectories.TryDelete(TemporaryFolder);
        TestDirectories.TryDelete(Sandbox.PathOf(_folder));
    }

    private void ChangeLine() => Sandbox.Write(
        $"{Folder}/Change.cs",
        $"namespace HelloWeb;\n\ninternal static class Change\n{{\n    public const string Value = \"{Guid.NewGuid():N}\";\n}}\n");

    private void ForgetImage()
    {
        var obj = PathOf("HelloWeb", "obj");
        if (!Directory.Exists(obj))
            return;
        foreach (var folder in Directory.GetDirectories(obj, "containerize", SearchOption.AllDirectories))
            Directory.Delete(folder, recursive: true);
    }

    private static void Renew(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
    }

    private string Properties(bool withPackage) => $"""
        <Project>
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <SatelliteResourceLanguages>fr;de</SatelliteResourceLanguages>
            <NuGetAudit>false</NuGetAudit>
            <ContinuousIntegrationBuild>true</ContinuousIntegrationBuild>
          </PropertyGroup>
          <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloWeb' and '{withPackage}' == 'True'">
            <PackageReference Include="Containerize" PrivateAssets="all" />
          </ItemGroup>
          <ItemGroup Condition="'$(MSBuildProjectName)' == 'HelloWeb' and '{Case.HasModels}' == 'True'">
            <Content Include="{Models}/*.bin" Link="models/%(Filename)%(Extension)" CopyToOutputDirectory="Never" CopyToPublishDirectory="PreserveNewest" />
            <ContainerLayer Include="models" Files="models/**" />
          </ItemGroup>
        </Project>
        """;

    private static string Versions(string? package)
    {
        var versions = File.ReadAllText(Testing.Repository.PathOf("Directory.Packages.props"));
        return package is null
            ? versions
            : versions.Replace("</Project>", $"""<ItemGroup><PackageVersion Include="Containerize" Version="{package}" /></ItemGroup></Project>""", StringComparison.Ordinal);
    }
}

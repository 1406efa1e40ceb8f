namespace Containerize.EndToEnd.Support;

/// <summary>
/// Small projects of the kinds that the .NET SDK's own tests of its containers use. The property <c>Option</c> chooses items.
/// </summary>
internal static class OptionProjects
{
    /// <summary>Their files.</summary>
    public static IReadOnlyList<(string Path, string Text)> Files { get; } =
    [
        ("Options/Options.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <InvariantGlobalization>true</InvariantGlobalization>
                <Version>1.2.3</Version>
                <Authors>Ada Example;Bob Example</Authors>
                <Description>Says "what"; it was given: 100%.</Description>
              </PropertyGroup>
              <ItemGroup>
                <None Include="data/**" CopyToPublishDirectory="PreserveNewest" />
              </ItemGroup>
              <ItemGroup Condition="'$(Option)' == 'settings'">
                <ContainerPort Include="8080" />
                <ContainerPort Include="9000;9001" Type="udp" />
                <ContainerEnvironmentVariable Include="OPTION_URL" Value="https://host:8443/path?a=1&amp;b=2#c" />
                <ContainerEnvironmentVariable Include="OPTION_ODD" Value="semi%3Bcolon, &quot;quotes&quot; 'single' = 100%25 \back ü 世界 🐳" />
                <ContainerEnvironmentVariable Include="OPTION_EMPTY" Value="" />
                <ContainerEnvironmentVariable Include="DOTNET_RUNNING_IN_CONTAINER" Value="replaced" />
                <ContainerLabel Include="org.acme.team" Value="web: one%3B two = three" />
              </ItemGroup>
              <ItemGroup Condition="'$(Option)' == 'entrypoint'">
                <ContainerEntrypoint Include="/usr/bin/env" />
                <ContainerEntrypointArgs Include="OPTION_BY=env;OPTION_MORE=more" />
                <ContainerDefaultArgs Include="DelayedCancellation;Hopper" />
              </ItemGroup>
              <ItemGroup Condition="'$(Option)' == 'legacy'">
                <ContainerEntrypointArgs Include="DelayedCancellation;Hopper" />
              </ItemGroup>
              <ItemGroup Condition="'$(Option)' == 'arguments'">
                <ContainerAppCommandArgs Include="--always" />
                <ContainerDefaultArgs Include="DelayedCancellation" />
              </ItemGroup>
              <ItemGroup Condition="'$(Option)' == 'none'">
                <ContainerEntrypoint Include="dotnet" />
                <ContainerEntrypointArgs Include="/app/Options.dll" />
                <ContainerDefaultArgs Include="DelayedCancellation" />
              </ItemGroup>
            </Project>
            """),
        ("Options/Program.cs", """
            Console.WriteLine("arguments: " + string.Join('|', args));
            Console.WriteLine("directory: " + Directory.GetCurrentDirectory());
            Console.WriteLine("framework: " + AppContext.TargetFrameworkName);
            foreach (var line in File.ReadLines("/proc/self/status").Where(line => line.StartsWith("Uid:") || line.StartsWith("Gid:")))
                Console.WriteLine(line);
            foreach (var variable in Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>().Select(v => $"{v.Key}={v.Value}").Order(StringComparer.Ordinal))
            {
                if (variable.StartsWith("OPTION_") || variable.StartsWith("DOTNET_"))
                    Console.WriteLine(variable);
            }

            var data = Path.Combine(AppContext.BaseDirectory, "data");
            foreach (var file in Directory.EnumerateFiles(data, "*", new EnumerationOptions { AttributesToSkip = 0, RecurseSubdirectories = true }).Order(StringComparer.Ordinal))
                Console.WriteLine($"{Path.GetRelativePath(data, file)}: {File.ReadAllText(file)}");
            """),
        ("Options/data/plain.txt", "plain"),
        ("Options/data/.hidden", "hidden"),
        ("Options/data/.folder/with space/ümläut.txt", "odd"),
        ("Frameworks/Frameworks.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework />
                <TargetFrameworks>net10.0;net9.0</TargetFrameworks>
                <UseAppHost>false</UseAppHost>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
            </Project>
            """),
        ("Frameworks/Program.cs", "Console.WriteLine(AppContext.TargetFrameworkName);\n"),
        ("Web/Web.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
            </Project>
            """),
        ("Web/Program.cs", """
            var app = WebApplication.CreateBuilder(args).Build();
            app.UseStaticFiles(new StaticFileOptions { ServeUnknownFileTypes = true });
            app.MapGet("/", () => $"{Environment.UserName} in {Directory.GetCurrentDirectory()} says {app.Configuration["Greeting"]}");
            app.Run();
            """),
        ("Web/appsettings.json", """{ "Greeting": "hello" }"""),
        ("Web/wwwroot/index.txt", "index"),
        ("Web/wwwroot/.well-known/security.txt", "Contact: mailto:ada@example.invalid"),
        ("Worker/Worker.csproj", """
            <Project Sdk="Microsoft.NET.Sdk.Worker">
              <PropertyGroup>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Microsoft.Extensions.Hosting" VersionOverride="10.0.0" />
              </ItemGroup>
            </Project>
            """),
        ("Worker/Program.cs", """
            var builder = Host.CreateApplicationBuilder(args);
            builder.Logging.ClearProviders();
            builder.Services.AddHostedService<Once>();
            builder.Build().Run();

            internal sealed class Once(IHostApplicationLifetime lifetime) : BackgroundService
            {
                protected override Task ExecuteAsync(CancellationToken stoppingToken)
                {
                    Console.WriteLine($"worked as {Environment.UserName}");
                    lifetime.StopApplication();
                    return Task.CompletedTask;
                }
            }
            """),
    ];
}

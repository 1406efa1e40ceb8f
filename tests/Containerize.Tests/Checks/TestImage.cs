using Containerize.Checks;
using Containerize.Files;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Tests.Support;

namespace Containerize.Tests.Checks;

/// <summary>
/// An image that a test puts together. The ones to start from have nothing wrong, so what a test changes is what is found.
/// </summary>
internal sealed class TestImage : IDisposable
{
    private readonly TempFolder _folder = new("image");
    private readonly ImageTree _files = new();
    private readonly List<LayerEntry> _own = [];
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal) { ["PATH"] = "/usr/local/bin:/usr/bin:/bin" };
    private string? _user;
    private string[] _entrypoint = ["dotnet", "/app/Shop.dll"];
    private string[] _command = [];
    private string[] _ports = [];
    private (string, string)[] _noPorts = [];
    private string[]? _healthcheck;
    private readonly List<string> _volumes = [];
    private bool _takesAway;
    private string _runtimeIdentifier = "linux-x64";
    private string _baseImage = "registry.example/base:1";

    public ApplicationNeeds Needs { get; set; } = new()
    {
        Frameworks = [new("Microsoft.NETCore.App", "10.0.0"), new("Microsoft.AspNetCore.App", "10.0.0")],
        UsesIcu = true,
        OpenSslUser = "ASP.NET Core",
        TlsClient = "Shop.dll",
        TimeZoneUser = "Shop.dll",
    };

    /// <summary>A framework-dependent application on a base like Debian's with all that it needs.</summary>
    public static TestImage OnDebian() => new TestImage()
        .Base(
            "bin -> usr/bin",
            "lib -> usr/lib",
            "lib64 -> usr/lib64",
            "usr/bin/sh",
            "usr/bin/env",
            "usr/bin/dotnet -> ../share/dotnet/dotnet",
            "usr/share/dotnet/dotnet")
        .Base(
            "usr/lib64/ld-linux-x86-64.so.2 -> ../lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
            "usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")
        .Base(
            "usr/lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/x86_64-linux-gnu/libm.so.6",
            "usr/lib/x86_64-linux-gnu/libstdc++.so.6 -> libstdc++.so.6.0.30",
            "usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30")
        .Base(
            "usr/lib/x86_64-linux-gnu/libicuuc.so.72",
            "usr/lib/x86_64-linux-gnu/libssl.so.3",
            "usr/lib/x86_64-linux-gnu/libcrypto.so.3",
            "usr/share/zoneinfo/Europe/Berlin",
            "etc/ssl/certs/ca-certificates.crt")
        .Framework("Microsoft.NETCore.App", "10.0.1").Framework("Microsoft.AspNetCore.App", "10.0.1")
        .Text("etc/passwd", "root:x:0:0:root:/root:/bin/bash\napp:x:1654:1654::/home/app:/bin/sh\n")
        .Text("etc/group", "root:x:0:\napp:x:1654:\n")
        .Versions("usr/lib/x86_64-linux-gnu/libc.so.6", "GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.36", "GLIBC_PRIVATE")
        .Versions("usr/lib/x86_64-linux-gnu/libstdc++.so.6.0.30", "GLIBCXX_3.4", "GLIBCXX_3.4.30", "CXXABI_1.3.13")
        .Own("app/Shop.dll", "MZ");

    /// <summary>A framework-dependent application on a base like Alpine's with all that it needs.</summary>
    public static TestImage OnAlpine() => new TestImage()
        .Base(
            "bin/sh",
            "usr/bin/dotnet -> /usr/share/dotnet/dotnet",
            "usr/share/dotnet/dotnet",
            "lib/ld-musl-x86_64.so.1",
            "lib/libc.musl-x86_64.so.1 -> ld-musl-x86_64.so.1")
        .Base(
            "usr/lib/libstdc++.so.6",
            "usr/lib/libicuuc.so.76",
            "usr/lib/libssl.so.3",
            "usr/lib/libcrypto.so.3",
            "usr/share/zoneinfo/Europe/Berlin",
            "etc/ssl/cert.pem -> certs/ca-certificates.crt",
            "etc/ssl/certs/ca-certificates.crt")
        .Framework("Microsoft.NETCore.App", "10.0.1").Framework("Microsoft.AspNetCore.App", "10.0.1")
        .Text("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n")
        .Text("etc/group", "root:x:0:\n")
        .Own("app/Shop.dll", "MZ");

    /// <summary>A self-contained program on nothing.</summary>
    public static TestImage OnScratch()
    {
        var image = new TestImage { _baseImage = "scratch", _entrypoint = ["/app/Shop"], Needs = new() { IsSelfContained = true, IsNativeAot = true, InvariantGlobalization = true } };
        image._environment.Clear();
        return image;
    }

    /// <summary>Files of the base, 0755; <c>NAME -> TARGET</c> is a symbolic link, <c>NAME/</c> a directory.</summary>
    public TestImage Base(params string[] paths)
    {
        _files.Add(new FileList([.. paths.Select(Entry)]));
        return this;
    }

    /// <summary>A file of the base that nobody may run.</summary>
    public TestImage BaseData(string path)
    {
        _files.Add(new FileList([new ContentEntry(path, ContentKind.File, LayerEntry.FileMode, 0, 0)]));
        return this;
    }

    public TestImage Without(params string[] paths)
    {
        foreach (var path in paths)
        {
            Assert.NotNull(_files.FindLink(path));
            _files.Remove(path);
        }

        return this;
    }

    public TestImage TakesAway(params string[] paths)
    {
        _takesAway = true;
        return Without(paths);
    }

    public TestImage Framework(string name, params string[] versions) =>
        Base([.. versions.Select(version => $"usr/share/dotnet/shared/{name}/{version}/{name}.deps.json")]);

    /// <summary>A file of the base whose text is known.</summary>
    public TestImage Text(string path, string text)
    {
        _files.Add(
            new FileList(
                [new ContentEntry(
                    path, ContentKind.File, LayerEntry.FileMode, 0, 0)]) { Texts = new Dictionary<string, string> { [path] = text } });
        return this;
    }

    /// <summary>A library of the base whose versions of symbols are known.</summary>
    public TestImage Versions(string path, params string[] versions)
    {
        _files.Add(
            new FileList([Entry(path)]) { SymbolVersions = new Dictionary<string, IReadOnlyList<string>> { [path] = versions } });
        return this;
    }

    public TestImage Own(string path, byte[] content, bool isExecutable = true)
    {
        var entry = new LayerEntry(
            path, LayerEntryKind.File, _folder.Write(path, content), isExecutable ? LayerEntry.ExecutableMode : LayerEntry.FileMode);
        _own.Add(entry);
        _files.Add(entry);
        return this;
    }

    public TestImage Own(string path, string content, bool isExecutable = true) =>
        Own(path, System.Text.Encoding.UTF8.GetBytes(content), isExecutable);

    public TestImage Own(string path, ElfBytes elf) => Own(path, elf.ToArray());

    public TestImage Starts(params string[] entrypoint)
    {
        _entrypoint = entrypoint;
        return this;
    }

    public TestImage WithCommand(params string[] command)
    {
        _command = command;
        return this;
    }

    public TestImage Environment(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    public TestImage User(string user)
    {
        _user = user;
        return this;
    }

    public TestImage Ports(params string[] ports)
    {
        _ports = ports;
        return this;
    }

    public TestImage ListensOnNoPort(string variable, string value)
    {
        _noPorts = [(variable, value)];
        return this;
    }

    public TestImage Volume(string path)
    {
        _volumes.Add(path);
        return this;
    }

    public TestImage Healthcheck(params string[] test)
    {
        _healthcheck = test;
        return this;
    }

    public TestImage For(string runtimeIdentifier)
    {
        _runtimeIdentifier = runtimeIdentifier;
        return this;
    }

    public TestImage That(ApplicationNeeds needs)
    {
        Needs = needs;
        return this;
    }

    /// <summary>Asserts that this alone is found; returns its message.</summary>
    public string Finds(string code)
    {
        var findings = Check();
        Assert.Equal([code], findings.Select(finding => finding.Code));
        Assert.EndsWith(".", findings[0].Message, StringComparison.Ordinal);
        return findings[0].Message;
    }

    public void FindsNothing() => Assert.Empty(Check());

    public IReadOnlyList<Finding> Check()
    {
        var platform = Platform.FromRuntimeIdentifier(_runtimeIdentifier)!;
        return ImageChecker.Check(new CheckedImage
        {
            Files = _files,
            Config = ImageConfig.Empty(platform).With(
                config =>
                {
                    config.SetEntrypoint(_entrypoint.Length > 0 ? _entrypoint : null);
                    config.SetCommand(_command.Length > 0 ? _command : null);
                    config.SetWorkingDirectory("/app/");
                    foreach (var volume in _volumes)
                        config.AddVolume(volume);
                    if (_healthcheck is not null)
                        config.SetHealthcheck(_healthcheck, null, null, null, null, null);
                    if (_user is not null)
                        config.SetUser(_user);
                    foreach (var (name, value) in _environment)
                        config.SetEnvironmentVariable(name, value);
                },
                ImageFormat.Oci),
            Platform = platform,
            RuntimeIdentifier = _runtimeIdentifier,
            BaseImage = _baseImage,
            Needs = Needs,
            Own = _own,
            Ports = _ports,
            NoPorts = _noPorts,
            TakesAway = _takesAway,
        });
    }

    public void Dispose() => _folder.Dispose();

    private static ContentEntry Entry(string path) => path.Split(" -> ") switch
    {
        [var link, var target] => new ContentEntry(link, ContentKind.SymbolicLink, 0b111_111_111, 0, 0, 0, target),
        _ when path.EndsWith('/') => new ContentEntry(path.TrimEnd('/'), ContentKind.Directory, LayerEntry.DirectoryMode, 0, 0),
        _ => new ContentEntry(path, ContentKind.File, LayerEntry.ExecutableMode, 0, 0),
    };
}

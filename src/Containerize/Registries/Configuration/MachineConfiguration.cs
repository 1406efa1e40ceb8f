using System.Text;
using System.Text.Json;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Registries.Transport;

namespace Containerize.Registries.Configuration;

/// <summary>
/// What Docker and podman are told of registries on this machine: insecure ones, mirrors, certificates. Their files are read, once, when
/// the first registry is asked for something; no process is started. A file that cannot be read is told of and passed over.
/// </summary>
internal sealed class MachineConfiguration
{
    private const string OnlyFile = "CONTAINERS_REGISTRIES_CONF";

    // Bytes. Lists of registries have some kilobytes.
    private const int SizeLimit = 4 * 1024 * 1024;

    private readonly IEnvironment _environment;
    private readonly Action<string>? _notice;
    private readonly Lazy<IReadOnlyList<RegistryEntry>> _registries;
    private readonly Lazy<IReadOnlyList<JsonElement>> _daemons;

    public MachineConfiguration(IEnvironment environment, Action<string>? notice)
    {
        _environment = environment;
        _notice = notice;
        _registries = new(ReadRegistries);
        _daemons = new(ReadDaemons);
    }

    /// <summary>The entries of registries.conf.</summary>
    public IReadOnlyList<RegistryEntry> Registries => _registries.Value;

    /// <summary>Hosts with or without a port, and networks (<c>10.0.0.0/8</c>), that may do without TLS.</summary>
    public IEnumerable<string> Insecure =>
    [
        .. Registries.Where(entry => entry.IsInsecure).Select(entry => HostOf(entry.Location ?? entry.Prefix.Text)),
        .. Registries.SelectMany(entry => entry.Mirrors).Where(mirror => mirror.IsInsecure).Select(mirror => HostOf(mirror.Location)),
        .. DaemonStrings("insecure-registries"),
    ];

    /// <summary>Docker Hub's mirrors, as Docker Engine knows them: addresses or hosts.</summary>
    public IEnumerable<string> DockerHubMirrors => DaemonStrings("registry-mirrors").Select(Addresses.WithoutScheme);

    /// <summary>The folder with a registry's certificates; null where there is none. The most specific one counts.</summary>
    /// <param name="authority">Host in its canonical form, and port where the name has one.</param>
    public string? CertificateFolderOf(string authority)
    {
        string[] folders =
        [
            Path.Combine(ContainersFolder, "certs.d"),
            Path.Combine(DockerConfigFolder, "certs.d"),
            Path.Combine(_environment.HomeDirectory, ".docker", "certs.d"),
            Path.Combine(_environment.SystemDirectory, "containers", "certs.d"),
            Path.Combine(_environment.SystemDirectory, "docker", "certs.d"),
        ];
        return folders.Select(folder => CertificateFolderIn(folder, authority)).FirstOrDefault(found => found is not null);
    }

    // The very name is nearly always the one; another spelling of the host means the same registry.
    private static string? CertificateFolderIn(string folder, string authority)
    {
        // Windows has no ':' in names; Docker leaves it out there.
        var name = OperatingSystem.IsWindows() ? authority.Replace(":", "", StringComparison.Ordinal) : authority;
        try
        {
            return Path.Combine(folder, name) is var exact && Directory.Exists(exact) ? exact
                : Directory.Exists(folder)
                    ? Directory.GetDirectories(folder)
                        .FirstOrDefault(other => Plain(CanonicalHost.AuthorityOf(Path.GetFileName(other))) == Plain(name))
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // Certificates are for https alone.
    private static string Plain(string authority) => CanonicalHost.WithoutPortOfHttps(authority);

    private string ConfigFolder => _environment.GetVariable("XDG_CONFIG_HOME") ?? Path.Combine(_environment.HomeDirectory, ".config");

    private string ContainersFolder => Path.Combine(ConfigFolder, "containers");

    private string DockerConfigFolder => Path.Combine(ConfigFolder, "docker");

    private static string HostOf(string location) => location.Split('/', 2)[0];

    private IReadOnlyList<RegistryEntry> ReadRegistries()
    {
        var system = Path.Combine(_environment.SystemDirectory, "containers");
        // The user's own file takes the place of the machine's; further files in the folders add to it, and take precedence.
        var main = _environment.GetVariable(OnlyFile)
            ?? (Path.Combine(ContainersFolder, "registries.conf") is var own && File.Exists(own)
                ? own
                : Path.Combine(system, "registries.conf"));
        IEnumerable<string> files = [main];
        if (_environment.GetVariable(OnlyFile) is null)
            files = [main, .. Fragments(
                Path.Combine(system, "registries.conf.d")), .. Fragments(Path.Combine(ContainersFolder, "registries.conf.d"))];
        if (!File.Exists(main) && main == _environment.GetVariable(OnlyFile))
            _notice?.Invoke(
                $"{OnlyFile} names '{main}', and there is no such file: no registries.conf is read. Correct or remove the variable.");
        var entries = new Dictionary<string, RegistryEntry>(StringComparer.OrdinalIgnoreCase);
        foreach (var file in files)
        {
            foreach (var entry in Read(file, content => RegistriesFile.Parse(Encoding.UTF8.GetString(content))) ?? [])
            {
                TellOfUnusable(file, entry);
                entries[entry.Prefix.Text] = entry;
            }
        }

        return [.. entries.Values];
    }

    // Passed over where images are pulled, which then come from another place than the file says.
    private void TellOfUnusable(string file, RegistryEntry entry)
    {
        var locations = entry.Mirrors.Select(mirror => mirror.Location).Prepend(entry.Location).OfType<string>();
        foreach (var location in locations.Where(location => !IsUsable(location)))
            _notice?.Invoke(
                $"{file} sends '{ErrorText.Clean(entry.Prefix.Text, 260)}' to '{ErrorText.Clean(location, 260)}', which is no "
                    + "registry (such as 'host:5000/path', without 'https://'); that is passed over.");
    }

    private static bool IsUsable(string location) => location.Split('/', 2) is [var host, .. var path]
        && ImageReference.IsValidRegistry(host) && path.All(ImageReference.IsValidRepository);

    private static IEnumerable<string> Fragments(string folder)
    {
        try
        {
            return Directory.Exists(folder) ? Directory.GetFiles(folder, "*.conf").Order(StringComparer.Ordinal) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private IReadOnlyList<JsonElement> ReadDaemons()
    {
        string[] files =
        [
            Path.Combine(_environment.SystemDirectory, "docker", "daemon.json"),
            Path.Combine(DockerConfigFolder, "daemon.json"), // Rootless.
            Path.Combine(_environment.HomeDirectory, ".docker", "daemon.json"), // Docker Desktop.
        ];
        return [.. files.Select(file => Read(file, content => (JsonElement?)ConfigJson.ParseObject(content))).OfType<JsonElement>()];
    }

    private IEnumerable<string> DaemonStrings(string name) => _daemons.Value
        .SelectMany(daemon => daemon.OptionalArray(name))
        .Where(item => item.ValueKind == JsonValueKind.String)
        .Select(item => item.GetString()!.Trim())
        .Where(text => text.Length > 0);

    private T? Read<T>(string file, Func<byte[], T> parse)
    {
        try
        {
            return File.Exists(file) ? parse(UserFile.Read(file, SizeLimit)) : default;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            _notice?.Invoke($"What '{file}' says of registries is not heeded, because it cannot be read: {e.Message.TrimEnd('.')}.");
            return default;
        }
    }
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Containerize.Planning.Settings;

/// <summary>Ports that an image says it listens on.</summary>
internal static partial class Ports
{
    /// <summary>A port as the config writes it: <c>8080/tcp</c>.</summary>
    /// <param name="number">A number from 1 to 65535, or a number and a type with a slash between them.</param>
    /// <param name="type"><c>tcp</c>, <c>udp</c> or nothing, which means tcp.</param>
    /// <exception cref="ContainerizeException">The port is not valid (CTZ1007).</exception>
    public static string Parse(string number, string? type)
    {
        var slash = number.IndexOf('/', StringComparison.Ordinal);
        if (slash >= 0 && string.IsNullOrEmpty(type))
            (number, type) = (number[..slash], number[(slash + 1)..]);
        var validNumber = int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 1 and <= 65535;
        var validType = string.IsNullOrEmpty(type) || type is "tcp" or "udp";
        if (!validNumber)
        {
            throw new ContainerizeException(
                ErrorCodes.PortInvalid,
                $"The ContainerPort '{number}' is not a port: a whole number from 1 to 65535 is "
                    + $"needed{(validType ? "" : $", and its type '{type}' must be tcp or udp")}. "
                    + "Write for example <ContainerPort Include=\"8080\" Type=\"tcp\" />.");
        }

        if (!validType)
        {
            throw new ContainerizeException(
                ErrorCodes.PortInvalid,
                $"The ContainerPort '{number}' has the type '{type}', which is neither tcp nor udp. "
                    + $"Write for example <ContainerPort Include=\"{number}\" Type=\"tcp\" />.");
        }

        return string.Create(CultureInfo.InvariantCulture, $"{port}/{(string.IsNullOrEmpty(type) ? "tcp" : type)}");
    }

    /// <summary>
    /// The ports that ASP.NET Core will listen on by its own variables: <c>ASPNETCORE_URLS</c>, or where that is unset or empty
    /// <c>ASPNETCORE_HTTP_PORTS</c> and <c>ASPNETCORE_HTTPS_PORTS</c>. What is no port there is ASP.NET's to complain about.
    /// </summary>
    public static IEnumerable<string> FromEnvironment(IReadOnlyDictionary<string, string> variables)
    {
        foreach (var (_, _, number) in Listed(variables))
        {
            if (Number(number) is { } port and > 0)
                yield return string.Create(CultureInfo.InvariantCulture, $"{port}/tcp");
        }
    }

    /// <summary>
    /// What stands for a port in the same variables and is none. An address without a port, a socket and the 0 that means any port are
    /// no mistakes.
    /// </summary>
    public static IEnumerable<(string Variable, string Value)> Invalid(IReadOnlyDictionary<string, string> variables) =>
        Listed(variables).Where(listed => listed.Port is not null && Number(listed.Port) is null)
            .Select(listed => (listed.Variable, listed.Value));

    private static IEnumerable<(string Variable, string Value, string? Port)> Listed(IReadOnlyDictionary<string, string> variables) =>
        variables.TryGetValue("ASPNETCORE_URLS", out var urls) && urls.Length > 0
            ? Parts(urls).Select(url => (
                "ASPNETCORE_URLS", url, UrlPort().Match(url).Groups["port"].Value is { Length: > 0 } port ? port : null))
            : new[] { "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS" }
                .SelectMany(
                    name => variables.TryGetValue(name, out var ports) ? Parts(ports).Select(port => (name, port, (string?)port)) : []);

    private static string[] Parts(string list) => list.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static int? Number(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port <= 65535 ? port : null;

    [GeneratedRegex(@"^\s*[A-Za-z]+://(?:\[[^\]]*\]|[^/:\[\]]*):(?<port>[^/:?#]*)", RegexOptions.CultureInvariant)]
    private static partial Regex UrlPort();
}

using System.Globalization;
using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>Ports that only root may listen on, where the user is not root.</summary>
internal sealed class PortRule : IRule
{
    // Linux' ip_unprivileged_port_start.
    private const int FirstForAll = 1024;

    public Finding? Check(Inspection image)
    {
        var low = image.Image.Ports.Select(port => port.Split('/')[0]).Distinct()
            .Where(port => int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < FirstForAll)
            .ToList();
        if (low.Count == 0 || Accounts.IsRoot(image) is not false)
            return null;
        return new Finding(
            ErrorCodes.PortNeedsRoot,
            $"port {low[0]} is for root",
            $"The application will listen on {(low.Count == 1 ? "port" : "the ports")} "
                + $"{ErrorText.List(low.SkipLast(1))}{(low.Count > 1 ? " and " : "")}{low[^1]} as the user "
                + $"'{image.Image.Config.User}', who is not root: Podman and Kubernetes do not allow that below "
                + $"{FirstForAll.ToString(CultureInfo.InvariantCulture)}. "
                + "Set ASPNETCORE_HTTP_PORTS=8080, for example, or ContainerUser to 'root'.");
    }
}

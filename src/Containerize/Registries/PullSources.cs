using Containerize.Images;
using Containerize.Registries.Configuration;
using Containerize.Registries.Transport;

namespace Containerize.Registries;

/// <summary>A place that an image may be pulled from.</summary>
/// <param name="Reference">Its name there.</param>
/// <param name="IsMirror">Whether it is not the one that was asked for, and gets no credentials that name no host.</param>
internal sealed record PullSource(ImageReference Reference, bool IsMirror);

/// <summary>
/// Where an image may be pulled from: the project's mirrors, then those of registries.conf, for Docker Hub those of Docker Engine, last
/// the registry itself. For pulls alone: a push goes where it is told to.
/// </summary>
internal sealed class PullSources(IReadOnlyList<RegistryMirror> given, MachineConfiguration machine)
{
    /// <summary>The places, in the order in which they are asked.</summary>
    /// <exception cref="RegistryException">Pulling from there is forbidden on this machine (<c>blocked</c>).</exception>
    public IReadOnlyList<PullSource> Of(ImageReference reference)
    {
        var name = reference.Name;
        var entry = machine.Registries.Select(entry => (Entry: entry, Covered: entry.Prefix.Covers(name))).Where(found => found.Covered > 0)
            .OrderByDescending(found => found.Covered).FirstOrDefault().Entry;
        if (entry is { IsBlocked: true })
        {
            throw new RegistryException(
                RegistryFailure.Forbidden,
                $"Pulling '{reference}' is forbidden on this machine: registries.conf blocks '{entry.Prefix}'.",
                reference.Registry,
                reference.Repository);
        }

        var mirrors = given.Select(mirror => (Prefix: new NamePrefix(mirror.Registry), mirror.Location))
            .Select(mirror => (mirror.Prefix, mirror.Location, Covered: mirror.Prefix.Covers(name)))
            .Where(mirror => mirror.Covered > 0)
            .OrderByDescending(mirror => mirror.Covered)
            .Select(mirror => mirror.Prefix.Rewrite(name, mirror.Location));
        if (entry is not null)
            mirrors = mirrors.Concat(
                entry.Mirrors.Where(mirror => mirror.Serves(reference)).Select(mirror => entry.Prefix.Rewrite(name, mirror.Location)));
        else if (new RegistryHost(reference.Registry).IsDockerHub)
            mirrors = mirrors.Concat(machine.DockerHubMirrors.Select(mirror => $"{mirror}/{reference.Repository}"));

        var own = entry?.Location is { } location ? Named(reference, entry.Prefix.Rewrite(name, location)) ?? reference : reference;
        Guard(reference, own);
        return
        [
            .. mirrors.Select(mirror => Named(reference, mirror)).OfType<ImageReference>()
            .Where(mirror => Canonical(mirror) != Canonical(own)).DistinctBy(Canonical)
                .Select(mirror => new PullSource(mirror, IsMirror: true)),
            new PullSource(own, IsMirror: false),
        ];
    }

    // Mirrors are looked at when they are asked (DestinationHandler), and passed over; this takes the place of what was named.
    private static void Guard(ImageReference reference, ImageReference own)
    {
        var (named, host) = (HostOf(reference), HostOf(own));
        if (host != named && host.IsMetadata)
        {
            throw new RegistryException(
                RegistryFailure.Forbidden,
                $"registries.conf sends '{reference}' to '{host}', which is not asked: {DestinationGuard.Metadata}.",
                reference.Registry,
                reference.Repository);
        }
    }

    private static CanonicalHost HostOf(ImageReference reference) => new RegistryHost(reference.Registry) is var host ? host.Host : default;

    private static string Canonical(ImageReference reference) => CanonicalHost.NameOf(reference.Name);

    private static ImageReference? Named(ImageReference reference, string name) =>
        ImageReference.TryParse(name, out var parsed, out var registryGiven) && registryGiven && parsed is { Tag: null, Digest: null }
            ? reference with { Registry = parsed.Registry, Repository = parsed.Repository }
            : null;
}

/// <summary>A mirror that the project names.</summary>
/// <param name="Registry">What names begin with that it serves: <c>docker.io</c>, <c>mcr.microsoft.com/dotnet</c>.</param>
/// <param name="Location">What takes its place: <c>mirror.example.com/hub</c>.</param>
internal sealed record RegistryMirror(string Registry, string Location);

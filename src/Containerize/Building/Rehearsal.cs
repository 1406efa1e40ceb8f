using System.Net;
using Containerize.Checks;
using Containerize.Hosting;
using Containerize.Images;
using Containerize.Layers;
using Containerize.Layers.Compression;
using Containerize.Planning;
using Containerize.Registries;
using Containerize.Stores;

namespace Containerize.Building;

/// <summary>
/// Plans a small image, builds it and pushes it, in memory and to nobody. What runs for the first time in a process takes most of its time for being loaded
/// and linked: that may pass while somebody waits for something else, and then the image that is wanted is made by code that is there.
/// </summary>
public static class Rehearsal
{
    // RFC 2606: a name that nobody has. It is not looked up either.
    private const string Registry = "rehearsal.invalid";

    /// <summary>Does it.</summary>
    /// <param name="environment">This machine's; what it says of registries is read as for any push.</param>
    /// <param name="assembly">Any assembly: read as the plan reads those that are published.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async Task RunAsync(IEnvironment environment, string assembly, CancellationToken cancellationToken)
    {
        var plan = Plan(assembly);
        PlanFile.Serialize(plan);
        var layer = await LayerAsync(cancellationToken).ConfigureAwait(false);
        var config = ConfigBuilder.Build(plan, BaseResolver.Scratch(plan), [new NamedLayer("app", layer)], ImageFormat.Oci);
        var images = ImageSet.Of(new Image(ImageManifest.Create(ImageFormat.Oci, config.Document.Descriptor, [layer.Descriptor]), config, [layer]));

        using var nobody = new Nobody();
        using var client = new RegistryClient(new RegistryClientOptions { Environment = environment, Processes = new ProcessRunner(environment, TimeProvider.System) }, nobody);
        var push = new RegistryPush(client, new TaggedManifests(client), images, Registry, plan.Repository);
        await push.UploadAsync(null, cancellationToken).ConfigureAwait(false);
        await push.TagAsync(plan.Tags, static _ => { }, cancellationToken).ConfigureAwait(false);
    }

    private static async Task<ILayer> LayerAsync(CancellationToken cancellationToken)
    {
        LayerEntry[] entries = [LayerEntry.Directory("app"), LayerEntry.Link("app/program", "another")];
        var bytes = new MemoryStream();
        var packed = await LayerCompressor.PackAsync(
            (to, token) => LayerTar.WriteAsync(entries, to, token), bytes, LayerCompression.Default, threads: 1, cancellationToken).ConfigureAwait(false);
        return new Layer(new Descriptor(LayerCompression.Default.MediaTypeIn(ImageFormat.Oci)!, packed.Digest, packed.Size), packed.DiffId, bytes.ToArray());
    }

    private static ImagePlan Plan(string assembly)
    {
        var name = Path.GetFileName(assembly);
        var item = new PublishItem(name, assembly, FileOrigin.Application);
        var runtimes = RuntimeIdentifierGraph.For(null, "linux-x64");
        var layers = new LayerPlanner("app", runtimes, "").Plan([new PublishedPath(name, assembly, PublishedKind.File)], new() { [name] = item }).Layers;
        var needs = ApplicationNeedsReader.Read(new PublishedApplication
        {
            PublishFolder = Path.GetDirectoryName(assembly)!,
            Items = [item],
            Runtimes = runtimes,
            Layers = layers,
        });
        return Plan(layers, needs);
    }

    private static ImagePlan Plan(IReadOnlyList<LayerPlan> layers, ApplicationNeeds needs) => new()
    {
        Name = "rehearsal",
        BaseImage = ImagePlan.Scratch,
        RuntimeIdentifier = "linux-x64",
        Platform = new Platform("linux", "amd64", null),
        Created = DateTimeOffset.UnixEpoch,
        Config = new ConfigPlan
        {
            WorkingDirectory = "/app",
            Command = new CommandPlan { AppCommand = ["/app/program"] },
            EnvironmentVariables = [new("NAME", "$PATH")],
            Labels = [new("name", "value")],
        },
        Repository = "rehearsal",
        Tags = ["latest"],
        Destinations = [],
        Layers = layers,
        Needs = needs,
    };

    private sealed record Layer(Descriptor Descriptor, Digest DiffId, byte[] Bytes) : ILayer
    {
        public BlobSource? Source => null;

        public Task<Stream> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<Stream>(new MemoryStream(Bytes, writable: false));
    }

    /// <summary>A registry that takes all that it is given, and keeps nothing.</summary>
    private sealed class Nobody : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is { } content)
                await content.CopyToAsync(Stream.Null, cancellationToken).ConfigureAwait(false);
            var answer = new HttpResponseMessage(
                request.Method == HttpMethod.Post ? HttpStatusCode.Accepted : request.Method == HttpMethod.Put ? HttpStatusCode.Created : HttpStatusCode.NotFound)
            {
                RequestMessage = request,
            };
            if (request.Method == HttpMethod.Post)
                answer.Headers.Location = new Uri($"https://{Registry}/v2/rehearsal/blobs/uploads/1");
            return answer;
        }
    }
}

using System.Net;
using System.Text;
using Containerize.Images;
using Containerize.Registries;

namespace Containerize.Tests.Registries;

/// <summary>A client with all its surroundings. Pauses between attempts are skipped and remembered.</summary>
internal sealed class Harness : IDisposable
{
    private readonly Lazy<RegistryClient> _client;

    public Harness(HttpMessageHandler? network = null, params string[] insecure)
    {
        var trace = Trace;
        _client = new Lazy<RegistryClient>(() => new RegistryClient(
            new RegistryClientOptions
            {
                Environment = Environment,
                Processes = Processes,
                Clock = Clock,
                InsecureRegistries = insecure,
                Trace = line =>
                {
                    lock (trace)
                        trace.Add(line);
                },
                Notice = line =>
                {
                    Notices.Add(line);
                    Clock.SkipNextTimer();
                },
            },
            network));
    }

    public FakeClock Clock { get; } = new();

    public FakeEnvironment Environment { get; } = new();

    public FakeProcesses Processes { get; } = new();

    public List<string> Trace { get; } = [];

    public List<string> Notices { get; } = [];

    public RegistryClient Client => _client.Value;

    /// <summary>Sets the variables that pushes take their credentials from.</summary>
    public Harness WithPushUser(string user, string password)
    {
        Environment.Variables["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = user;
        Environment.Variables["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = password;
        return this;
    }

    public static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    public static Descriptor LayerOf(byte[] content) => Descriptor.Of(MediaTypes.OciLayerGzip, content);

    public static ImageDocument Index { get; } = new(
        MediaTypes.OciIndex, Encoding.UTF8.GetBytes($$"""{"schemaVersion":2,"mediaType":"{{MediaTypes.OciIndex}}","manifests":[]}"""));

    public static HttpResponseMessage Answer(HttpStatusCode status, byte[]? body = null, params (string Name, string Value)[] headers)
    {
        var response = new HttpResponseMessage(status) { Content = new ByteArrayContent(body ?? []) };
        foreach (var (name, value) in headers)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }

        return response;
    }

    public static HttpResponseMessage Json(HttpStatusCode status, string json, params (string Name, string Value)[] headers) =>
        Answer(status, Encoding.UTF8.GetBytes(json), [("Content-Type", "application/json"), .. headers]);

    public static HttpResponseMessage Manifest(ImageDocument document) =>
        Answer(HttpStatusCode.OK, document.Content.ToArray(), ("Content-Type", document.MediaType));

    public void Dispose()
    {
        if (_client.IsValueCreated)
            _client.Value.Dispose();
    }
}

using System.Text;
using System.Text.Json;
using Containerize.Images;

namespace Containerize.Stores.Engine;

/// <summary>
/// What Docker has already of an image that is to be loaded. Its own image store, the one that is not containerd's, keeps layers in
/// chains, and <c>docker load</c> opens the files of those layers alone that it does not have above the same others (moby,
/// <c>image/tarexport/load.go</c>). The rest need not be in the archive.
/// </summary>
/// <remarks>
/// podman refuses an archive without a layer, and containerd takes it without a word and has an image that is not whole. So whatever is
/// not seen to be Docker's own store gets whole archives.
/// </remarks>
/// <param name="questions">Asks Docker's program.</param>
internal sealed class DockerStore(EngineCommands questions)
{
    // Docker unpacks about as much in the time that looking at all its images takes.
    private const long HeadThreshold = 8 << 20;

    // The newest ones. Docker takes 1.6 ms for each, and a command line of Windows has room for twice as many.
    private const int MostImages = 200;

    // In older and in newer programs of Docker's. Asking again may mean to wait for the connection's time limit again.
    private static readonly string[] Unconnected = ["cannot connect to the docker daemon", "failed to connect to the docker api"];

    private readonly List<Held> _named = [];
    private readonly List<Held> _others = [];
    private bool _answers;
    private bool _hasAllNames;
    private bool _isOther;

    /// <summary>What Docker's program is asked first.</summary>
    public static IReadOnlyList<string> QuestionFor(ImageNames names) => ["image", "inspect", .. names.WithTags];

    /// <summary>Whether Docker answers when it is asked for images of these names; null where that cannot be told from its words.</summary>
    public async Task<bool?> AnswersAsync(ImageNames names, CancellationToken cancellationToken)
    {
        var outcome = await questions.AskAsync(QuestionFor(names), cancellationToken).ConfigureAwait(false);
        if (outcome is null)
            return null;
        Read(outcome.Output, _named);
        _hasAllNames = outcome.ExitCode == 0;
        // Without an image and without a daemon the exit code and the output are the same.
        _answers = _hasAllNames || _named.Count > 0 || outcome.Error.Contains("no such image", StringComparison.OrdinalIgnoreCase);
        return _answers
            ? true
            : Array.Exists(Unconnected, words => outcome.Error.Contains(words, StringComparison.OrdinalIgnoreCase)) ? false : null;
    }

    /// <summary>Whether all the names that were asked for stand for just this image.</summary>
    public bool Has(Image image) =>
        _hasAllNames && !_isOther && _named.Count > 0 && _named.TrueForAll(held => held.Id == image.Manifest.Config.Digest);

    /// <summary>The layers that <c>docker load</c> will look for; null for all that there are, since nothing else is sure.</summary>
    /// <param name="image">The image that Docker takes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IReadOnlySet<Digest>?> NeededAsync(Image image, CancellationToken cancellationToken)
    {
        if (!_answers || _isOther)
            return null;
        var known = KnownOf(image);
        if (image.Layers.Skip(known).Sum(layer => layer.Descriptor.Size) >= HeadThreshold)
        {
            await AskForOthersAsync(cancellationToken).ConfigureAwait(false);
            known = KnownOf(image);
        }

        // A layer may lie in a chain twice.
        return _isOther || _named.Count + _others.Count == 0 ? null
            : image.Layers.Skip(known).Select(layer => layer.Descriptor.Digest).ToHashSet();
    }

    // Other projects of the same base, earlier versions, the base itself: any image with the beginning of the chain will do.
    private async Task AskForOthersAsync(CancellationToken cancellationToken)
    {
        var listed = await questions.AskAsync(
            ["image", "ls", "--no-trunc", "--digests", "--format", "{{.ID}} {{.Digest}}"], cancellationToken).ConfigureAwait(false);
        if (listed is not { ExitCode: 0 })
            return;
        var images = listed.Output.Split('\n').Select(line => line.Trim().Split(' ')).Where(words => words.Length == 2).ToList();
        // An id is a config's digest. Containerd's store has the manifest's for it, and takes long to look at many images.
        _isOther = images.Exists(words => words[0] == words[1]);
        var ids = images.Select(words => words[0]).Where(id => Digest.TryParse(id, out _)).Distinct()
            .Except(_named.Select(held => held.Id.ToString())).Take(MostImages).ToList();
        if (_isOther || ids.Count == 0)
            return;
        // Some may be gone meanwhile; the others are told all the same.
        if (await questions.AskAsync(["image", "inspect", .. ids], cancellationToken).ConfigureAwait(false) is { } inspected)
            Read(inspected.Output, _others);
    }

    // How many layers from the lowest one on are there as a chain.
    private int KnownOf(Image image) => _named.Concat(_others)
        .Select(held => held.DiffIds.Zip(image.Layers, (diffId, layer) => diffId == layer.DiffId).TakeWhile(isSame => isSame).Count())
        .Append(0).Max();

    private void Read(string json, List<Held> images)
    {
        try
        {
            foreach (var image in Json.ParseArray(Encoding.UTF8.GetBytes(json)).EnumerateArray())
            {
                if (ReadImage(image) is { } held)
                    images.Add(held);
                else
                    _isOther = true;
            }
        }
        catch (FormatException)
        {
            _isOther = true;
        }
    }

    // Containerd's store tells a snapshotter's name and no data, or no driver at all, and since 28 the manifest's descriptor; a podman
    // that goes by Docker's name has ids without the algorithm. Other drivers of Docker's are rare.
    private static Held? ReadImage(JsonElement image)
    {
        if (image.ValueKind != JsonValueKind.Object
            || image.TryGetProperty("Descriptor", out var descriptor) && descriptor.ValueKind == JsonValueKind.Object)
            return null;
        var driver = image.RequiredObject("GraphDriver");
        driver.RequiredObject("Data");
        if (driver.RequiredString("Name") != "overlay2")
            return null;
        return new Held(
            Digest.Parse(image.RequiredString("Id")),
            [.. image.RequiredObject("RootFS").OptionalArray(
                "Layers").Select(layer => Digest.Parse(layer.ValueKind == JsonValueKind.String ? layer.GetString()! : ""))]);
    }

    /// <summary>An image that Docker has.</summary>
    /// <param name="Id">The digest of its config.</param>
    /// <param name="DiffIds">Its layers, from the lowest one on.</param>
    private sealed record Held(Digest Id, IReadOnlyList<Digest> DiffIds);
}

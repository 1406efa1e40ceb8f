using Containerize.Images;
using Containerize.Registries;
using Containerize.Stores.Registry;

namespace Containerize.Tests.Support;

/// <summary>Pushes as a build does it.</summary>
internal static class Pushes
{
    /// <summary>Uploads, then tags.</summary>
    public static async Task PushAsync(
        RegistryClient client, ImageSet images, string registry, string repository, params IReadOnlyList<string> tags)
    {
        var push = new RegistryPush(client, new TagLookups(client), images, registry, repository);
        await push.UploadAsync(tags[0], default);
        await push.TagAsync(tags, _ => { }, default);
    }
}

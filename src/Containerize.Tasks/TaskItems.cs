using Containerize.Planning.Settings;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>MSBuild's items → the library's.</summary>
internal static class TaskItems
{
    /// <summary>The items, whose metadata are read when they are asked for.</summary>
    public static IReadOnlyList<IProjectItem> Of(ITaskItem[] items) =>
        Array.ConvertAll<ITaskItem, IProjectItem>(items, item => new Item(item));

    private sealed record Item(ITaskItem Inner) : IProjectItem
    {
        public string ItemSpec => Inner.ItemSpec;

        public string GetMetadata(string name) => Inner.GetMetadata(name);
    }
}

using Containerize.Layers;

namespace Containerize.Planning.Published;

/// <summary>Mode and time of a file, which follow from its content and its place, never from the disk.</summary>
internal static class FileRules
{
    /// <summary>The entry of a file.</summary>
    /// <param name="path">Its path in the image, as a layer has it.</param>
    /// <param name="source">Its full path on this machine.</param>
    /// <param name="directory">The application's directory, as a layer has it.</param>
    public static LayerEntry EntryOf(string path, string source, string directory) =>
        LayerPath.IsBelow(path, LayerPath.Combine(directory, WebRoot.Folder))
            ? new LayerEntry(path, LayerEntryKind.File, source, LayerEntry.FileMode) { TimeFromContent = true }
            : new LayerEntry(
                path, LayerEntryKind.File, source, ExecutableFiles.IsExecutable(source) ? LayerEntry.ExecutableMode : LayerEntry.FileMode);
}

using System.Text;
using Containerize.Hosting;

namespace Containerize.Planning.Published;

/// <summary>A file as a publish with an image left it.</summary>
/// <param name="Source">The full path of what it was copied from; empty for a file that the SDK generates in the publish folder.</param>
/// <param name="SourceStamp">The source's <see cref="FileStamp"/>; empty without a source.</param>
/// <param name="Stamp">The published file's <see cref="FileStamp"/>.</param>
internal sealed record PublishedState(string Source, string SourceStamp, string Stamp);

/// <summary>
/// What publishes with an image have put into one publish folder, and how it lay there afterwards. A file that is still the same is
/// provably theirs, and may be replaced or deleted; every other file in the folder is the user's.
/// </summary>
/// <remarks>
/// A text file below <c>obj</c>: a header with the folder, then a line a file, its fields separated by NUL. Not found, damaged, or of
/// another folder, it records nothing.
/// </remarks>
internal static class PublishRecord
{
    private const string Header = "containerize-published/1";
    private const char Separator = '\0';

    // Bytes. A hundred thousand files have about half of it; more is not read, as if nothing were recorded.
    private const long MaxSize = 64 * 1024 * 1024;

    /// <summary>Reads it.</summary>
    /// <param name="path">The record.</param>
    /// <param name="folder">The publish folder's full path.</param>
    /// <returns>The files by their paths below the folder, with <c>/</c>.</returns>
    public static Dictionary<string, PublishedState> Read(string path, string folder)
    {
        var states = new Dictionary<string, PublishedState>(StringComparer.Ordinal);
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= MaxSize })
                return states;
            using var lines = File.ReadLines(path).GetEnumerator();
            if (!lines.MoveNext() || lines.Current != HeaderOf(folder))
                return states;
            while (lines.MoveNext())
            {
                if (lines.Current.Split(Separator) is [var file, var source, var sourceStamp, var stamp] && IsInside(file))
                    states[file] = new PublishedState(source, sourceStamp, stamp);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            states.Clear(); // Then nothing is known to be ours.
        }

        return states;
    }

    /// <summary>Writes it, unless it says the same already.</summary>
    /// <param name="path">The record.</param>
    /// <param name="folder">The publish folder's full path.</param>
    /// <param name="states">The files by their paths below the folder. Paths with a line break are left out.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string path, string folder, IReadOnlyDictionary<string, PublishedState> states)
    {
        var text = new StringBuilder(HeaderOf(folder)).Append('\n');
        foreach (var (file, state) in states.OrderBy(state => state.Key, StringComparer.Ordinal))
        {
            if (!file.Contains('\n', StringComparison.Ordinal) && !state.Source.Contains('\n', StringComparison.Ordinal))
                text.AppendJoin(Separator, file, state.Source, state.SourceStamp, state.Stamp).Append('\n');
        }

        var content = Encoding.UTF8.GetBytes(text.ToString());
        if (!File.Exists(path) || !File.ReadAllBytes(path).AsSpan().SequenceEqual(content))
            AtomicFile.Write(path, content);
    }

    private static string HeaderOf(string folder) => Header + " " + folder.Replace("\n", "\\n", StringComparison.Ordinal);

    private static bool IsInside(string file) =>
        file.Length > 0 && !Path.IsPathRooted(file) && !file.Split('/').Any(part => part is "" or "." or "..");
}

using Containerize.Files;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Published;

namespace Containerize.Tasks;

/// <summary>
/// What the steps of one image hand on in memory, where they run in one process: all of it is below <c>obj</c>, too, and read from there
/// where they do not. Reading it back would take longer than most steps' work.
/// </summary>
internal sealed class StepState
{
    /// <summary>The plan.</summary>
    public ImagePlan? Plan { get; set; }

    /// <summary>The published files as they were when the plan was made; null where another process made it.</summary>
    public PublishedFiles? Files { get; set; }

    /// <summary>The base image.</summary>
    public Image? Base { get; set; }

    /// <summary>The base's files, where a step has needed them or has begun to read them for another one.</summary>
    public Task<ImageTree>? BaseFiles { get; set; }

    /// <summary>The image.</summary>
    public Image? Image { get; set; }

    /// <summary>The image of the symbols.</summary>
    public Image? Symbols { get; set; }
}

using Containerize.Images;
using Containerize.Layers.Contents;
using Containerize.Planning;
using Microsoft.Build.Framework;

namespace Containerize.Tasks;

/// <summary>
/// What the steps of one image hand on in memory, where they run in one process: all of it is below <c>obj</c>, too, and read from there where
/// they do not. Reading it back would take longer than most steps' work.
/// </summary>
internal sealed class Handover
{
    private const string Key = "Containerize.Handover/1:";

    /// <summary>The plan.</summary>
    public ImagePlan? Plan { get; set; }

    /// <summary>The published files as they were when the plan was made; null where another process made it.</summary>
    public PublishedFiles? Files { get; set; }

    /// <summary>The base image.</summary>
    public IImage? Base { get; set; }

    /// <summary>The base's files, where a step has needed them or has begun to read them for another one.</summary>
    public Task<ImageTree>? BaseFiles { get; set; }

    /// <summary>The image.</summary>
    public IImage? Image { get; set; }

    /// <summary>The image of the symbols.</summary>
    public IImage? Symbols { get; set; }

    /// <summary>What the steps with a plan hand on in this build; empty where another process has run those before.</summary>
    public static Handover Of(IBuildEngine? engine, string planPath)
    {
        if (engine is not IBuildEngine4 objects)
            return new Handover();
        var key = Key + planPath;
        if (objects.GetRegisteredTaskObject(key, RegisteredTaskObjectLifetime.Build) is Handover known)
            return known;
        var handover = new Handover();
        objects.RegisterTaskObject(key, handover, RegisteredTaskObjectLifetime.Build, allowEarlyCollection: true);
        return handover;
    }
}

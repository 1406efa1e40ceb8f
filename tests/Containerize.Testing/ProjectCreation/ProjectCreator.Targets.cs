using Microsoft.Build.Construction;
using Microsoft.Build.Framework;

namespace Microsoft.Build.Utilities.ProjectCreation;

// Targets and the tasks in them.
public sealed partial class ProjectCreator
{
    private ProjectTargetElement? lastTarget;

    /// <summary>Adds a target, which the tasks that follow go into.</summary>
    /// <param name="name">The name.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="afterTargets">The attribute AfterTargets.</param>
    /// <param name="beforeTargets">The attribute BeforeTargets.</param>
    /// <param name="dependsOnTargets">The attribute DependsOnTargets.</param>
    /// <param name="inputs">The attribute Inputs.</param>
    /// <param name="outputs">The attribute Outputs.</param>
    /// <param name="returns">The attribute Returns.</param>
    /// <param name="keepDuplicateOutputs">The attribute KeepDuplicateOutputs.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator Target(
        string name,
        string? condition = null,
        string? afterTargets = null,
        string? beforeTargets = null,
        string? dependsOnTargets = null,
        string? inputs = null,
        string? outputs = null,
        string? returns = null,
        bool? keepDuplicateOutputs = null,
        string? label = null)
    {
        var target = RootElement.AddTarget(name);
        target.AfterTargets = afterTargets ?? "";
        target.BeforeTargets = beforeTargets ?? "";
        target.DependsOnTargets = dependsOnTargets ?? "";
        target.Inputs = inputs ?? "";
        target.Outputs = outputs ?? "";
        // An empty Returns says something, no Returns does not.
        if (returns is not null)
            target.Returns = returns;
        target.KeepDuplicateOutputs = Text(keepDuplicateOutputs) ?? "";
        Describe(target, condition, label);
        lastTarget = target;
        return this;
    }

    /// <summary>Adds a task to the last target, or to a first one called Build.</summary>
    /// <param name="name">The name of the task.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="parameters">The parameters; <see langword="null"/> values are left out.</param>
    /// <param name="continueOnError">The attribute ContinueOnError.</param>
    /// <param name="architecture">The attribute MSBuildArchitecture.</param>
    /// <param name="runtime">The attribute MSBuildRuntime.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator Task(
        string name,
        string? condition = null,
        IDictionary<string, string?>? parameters = null,
        string? continueOnError = null,
        string? architecture = null,
        string? runtime = null,
        string? label = null)
    {
        if (lastTarget is null)
            Target("Build");
        var task = lastTarget!.AddTask(name);
        foreach (var (parameter, value) in parameters ?? new Dictionary<string, string?>())
        {
            if (value is not null)
                task.SetParameter(parameter, value);
        }

        task.ContinueOnError = continueOnError ?? "";
        task.MSBuildArchitecture = architecture ?? "";
        task.MSBuildRuntime = runtime ?? "";
        Describe(task, condition, label);
        return this;
    }

    /// <summary>Adds a task that logs a message.</summary>
    /// <param name="text">The text.</param>
    /// <param name="importance">The importance.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator TaskMessage(string text, MessageImportance? importance = null, string? condition = null, string? label = null) =>
        Task(
            "Message",
            condition,
            new Dictionary<string, string?> { ["Text"] = text, ["Importance"] = importance?.ToString("G") },
            label: label);

    /// <summary>Declares a task.</summary>
    /// <param name="taskName">The name of the task.</param>
    /// <param name="assemblyFile">The path of its assembly.</param>
    /// <param name="taskFactory">The attribute TaskFactory.</param>
    /// <param name="runtime">The attribute Runtime.</param>
    /// <param name="architecture">The attribute Architecture.</param>
    /// <param name="condition">A condition.</param>
    /// <param name="label">A label.</param>
    public ProjectCreator UsingTaskAssemblyFile(
        string taskName,
        string assemblyFile,
        string? taskFactory = null,
        string? runtime = null,
        string? architecture = null,
        string? condition = null,
        string? label = null)
    {
        var usingTask = RootElement.CreateUsingTaskElement(taskName, assemblyFile, assemblyName: null, runtime, architecture);
        RootElement.AppendChild(usingTask);
        if (taskFactory is not null)
            usingTask.TaskFactory = taskFactory;
        Describe(usingTask, condition, label);
        return this;
    }
}

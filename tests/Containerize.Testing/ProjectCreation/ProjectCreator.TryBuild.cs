using Microsoft.Build.Execution;

namespace Microsoft.Build.Utilities.ProjectCreation;

// The ways to call TryBuild: with or without a restore, a target or targets, and global properties.
public sealed partial class ProjectCreator
{
    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(out bool result) =>
        Build(restore: false, targets: null, globalProperties: null, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(out bool result, out BuildOutput buildOutput) =>
        Build(restore: false, targets: null, globalProperties: null, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(IDictionary<string, string>? globalProperties, out bool result) =>
        Build(restore: false, targets: null, globalProperties, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(IDictionary<string, string>? globalProperties, out bool result, out BuildOutput buildOutput) =>
        Build(restore: false, targets: null, globalProperties, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, out bool result) =>
        Build(restore, targets: null, globalProperties: null, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, out bool result, out BuildOutput buildOutput) =>
        Build(restore, targets: null, globalProperties: null, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, IDictionary<string, string>? globalProperties, out bool result) =>
        Build(restore, targets: null, globalProperties, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        bool restore, IDictionary<string, string>? globalProperties, out bool result, out BuildOutput buildOutput) =>
        Build(restore, targets: null, globalProperties, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(string target, out bool result) =>
        Build(restore: false, [target], globalProperties: null, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(string target, out bool result, out BuildOutput buildOutput) =>
        Build(restore: false, [target], globalProperties: null, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        string target, out bool result, out BuildOutput buildOutput, out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore: false, [target], globalProperties: null, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(string target, IDictionary<string, string>? globalProperties, out bool result) =>
        Build(restore: false, [target], globalProperties, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        string target, IDictionary<string, string>? globalProperties, out bool result, out BuildOutput buildOutput) =>
        Build(restore: false, [target], globalProperties, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        string target,
        IDictionary<string, string>? globalProperties,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore: false, [target], globalProperties, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, string target, out bool result) =>
        Build(restore, [target], globalProperties: null, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, string target, out bool result, out BuildOutput buildOutput) =>
        Build(restore, [target], globalProperties: null, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        bool restore, string target, out bool result, out BuildOutput buildOutput, out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore, [target], globalProperties: null, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(bool restore, string target, IDictionary<string, string>? globalProperties, out bool result) =>
        Build(restore, [target], globalProperties, out result, out _, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        bool restore, string target, IDictionary<string, string>? globalProperties, out bool result, out BuildOutput buildOutput) =>
        Build(restore, [target], globalProperties, out result, out buildOutput, out _);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        bool restore,
        string target,
        IDictionary<string, string>? globalProperties,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore, [target], globalProperties, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        IEnumerable<string> targets, out bool result, out BuildOutput buildOutput, out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore: false, targets, globalProperties: null, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        IEnumerable<string> targets,
        IDictionary<string, string>? globalProperties,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore: false, targets, globalProperties, out result, out buildOutput, out targetOutputs);

    /// <inheritdoc cref="TryBuild(bool, IEnumerable{string}, IDictionary{string, string}?, out bool, out BuildOutput, out
    /// IDictionary{string, TargetResult}?)"/>
    public ProjectCreator TryBuild(
        bool restore,
        IEnumerable<string> targets,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore, targets, globalProperties: null, out result, out buildOutput, out targetOutputs);

    /// <summary>Saves the project and builds it.</summary>
    /// <param name="restore">Whether to restore first.</param>
    /// <param name="targets">The targets to build; the default ones if there are none.</param>
    /// <param name="globalProperties">Global properties of the restore and the build.</param>
    /// <param name="result">Whether restore and build succeeded.</param>
    /// <param name="buildOutput">What they logged.</param>
    /// <param name="targetOutputs">What the targets returned.</param>
    public ProjectCreator TryBuild(
        bool restore,
        IEnumerable<string> targets,
        IDictionary<string, string>? globalProperties,
        out bool result,
        out BuildOutput buildOutput,
        out IDictionary<string, TargetResult>? targetOutputs) =>
        Build(restore, targets, globalProperties, out result, out buildOutput, out targetOutputs);
}

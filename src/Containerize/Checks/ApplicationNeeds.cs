using System.Text.Json.Serialization;

namespace Containerize.Checks;

/// <summary>
/// What an application expects of the image that it runs in, as far as its published files tell. Where they do not tell, it
/// says nothing: a warning that is wrong costs more than one that is missing.
/// </summary>
internal sealed record ApplicationNeeds
{
    /// <summary>ASP.NET Core's shared framework.</summary>
    public const string AspNetCore = "Microsoft.AspNetCore.App";

    /// <summary>The shared framework of all applications.</summary>
    public const string NetCore = "Microsoft.NETCore.App";

    /// <summary>The shared frameworks: those that it asks for, or where it is self-contained, those that it brings.</summary>
    public IReadOnlyList<SharedFramework> Frameworks { get; init; } = [];

    /// <summary>Whether the runtime is published with it.</summary>
    public bool IsSelfContained { get; init; }

    /// <summary>Whether it is one file.</summary>
    public bool IsSingleFile { get; init; }

    /// <summary>Whether it is native code, without a runtime that could be told anything.</summary>
    public bool IsNativeAot { get; init; }

    /// <summary>Whether it loads ICU when it starts, unless globalization is invariant.</summary>
    public bool UsesIcu { get; init; }

    /// <summary>Whether it brings ICU (app-local ICU).</summary>
    public bool BringsIcu { get; init; }

    /// <summary>Whether globalization is invariant; null leaves it to the image's environment.</summary>
    public bool? InvariantGlobalization { get; init; }

    /// <summary>
    /// What uses cryptography, which is OpenSSL's on Linux: an assembly, a framework or a program. Null where nothing does.
    /// </summary>
    public string? OpenSslUser { get; init; }

    /// <summary>The assembly that speaks to others over TLS; null where none does.</summary>
    public string? TlsClient { get; init; }

    /// <summary>The assembly that looks up time zones by name; null where none does.</summary>
    public string? TimeZoneUser { get; init; }

    /// <summary>Whether it is made with ASP.NET Core, and so reads its variables.</summary>
    [JsonIgnore]
    public bool UsesAspNetCore => Frameworks.Any(framework => framework.Name == AspNetCore);
}

/// <summary>A shared framework that an application refers to in its <c>runtimeconfig.json</c>.</summary>
/// <param name="Name">For example <c>Microsoft.NETCore.App</c>.</param>
/// <param name="Version">The oldest that will do.</param>
/// <param name="RollForward">How far newer ones will do: <c>Minor</c> and so on; null where it says nothing, which means that.</param>
internal sealed record SharedFramework(string Name, string Version, string? RollForward = null);

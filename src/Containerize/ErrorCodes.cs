namespace Containerize;

/// <summary>
/// Every way in which Containerize can fail, by code. Each has its page under <c>docs/errors/</c>
/// (a test asserts it). 1xxx: configuration; 2xxx: the base image; 3xxx: layers; 4xxx: pushing;
/// 5xxx: engines and archives; 6xxx: what does not fit the base; 9xxx: a defect of Containerize itself.
/// </summary>
internal static class ErrorCodes
{
    /// <summary>The base image's name cannot be parsed, or none could be inferred.</summary>
    public const string BaseImageInvalid = "CTZ1001";

    /// <summary>The publish folder does not exist.</summary>
    public const string PublishFolderMissing = "CTZ1002";

    /// <summary>The publish folder holds no file that belongs in an image.</summary>
    public const string PublishFolderEmpty = "CTZ1003";

    /// <summary>The repository's name cannot be made valid.</summary>
    public const string RepositoryInvalid = "CTZ1004";

    /// <summary>A tag is not valid.</summary>
    public const string TagInvalid = "CTZ1005";

    /// <summary>Both <c>ContainerImageTag</c> and <c>ContainerImageTags</c> are set.</summary>
    public const string TagAndTags = "CTZ1006";

    /// <summary>A port's number or type is not valid.</summary>
    public const string PortInvalid = "CTZ1007";

    /// <summary>An environment variable's name is not valid; it is left out (warning).</summary>
    public const string EnvironmentVariableInvalid = "CTZ1008";

    /// <summary><c>ContainerAppCommandInstruction</c> is not one of its three values.</summary>
    public const string AppCommandInstructionInvalid = "CTZ1009";

    /// <summary>The entrypoint and command settings contradict each other.</summary>
    public const string EntrypointContradiction = "CTZ1010";

    /// <summary>The runtime identifier names no platform that an image can be built for.</summary>
    public const string RuntimeIdentifierUnsupported = "CTZ1011";

    /// <summary>Two runtime identifiers of one image stand for the same platform.</summary>
    public const string PlatformTwice = "CTZ1012";

    /// <summary>Several target frameworks would be published at once.</summary>
    public const string SeveralTargetFrameworks = "CTZ1013";

    /// <summary>The project builds no program that could run in a container.</summary>
    public const string NotAnExecutable = "CTZ1014";

    /// <summary>MSBuild is older than 18.0.</summary>
    public const string MSBuildTooOld = "CTZ1015";

    /// <summary>The package <c>Microsoft.NET.Build.Containers</c> is referenced as well.</summary>
    public const string OtherContainerPackage = "CTZ1016";

    /// <summary>The SDK's own container targets were imported in spite of ours (warning).</summary>
    public const string TakeOverFailed = "CTZ1017";

    /// <summary>A property under its obsolete name (warning).</summary>
    public const string ObsoleteProperty = "CTZ1018";

    /// <summary>The base image names no registry, Docker Hub is assumed (warning).</summary>
    public const string RegistryAssumed = "CTZ1019";

    /// <summary>The base image's name holds spaces, which were replaced (warning).</summary>
    public const string BaseImageSpaces = "CTZ1020";

    /// <summary><c>ContainerRegistry</c> is not a host with an optional port.</summary>
    public const string RegistryInvalid = "CTZ1021";

    /// <summary><c>LocalRegistry</c> names no known engine.</summary>
    public const string LocalRegistryUnknown = "CTZ1022";

    /// <summary><c>ContainerWorkingDirectory</c> cannot be used.</summary>
    public const string WorkingDirectoryInvalid = "CTZ1023";

    /// <summary><c>ContainerImageFormat</c> is neither OCI nor Docker, or cannot hold what else is asked for.</summary>
    public const string ImageFormatInvalid = "CTZ1024";

    /// <summary>A label has no name.</summary>
    public const string LabelInvalid = "CTZ1025";

    /// <summary>The base's entrypoint is replaced without a setting that asks for it (warning).</summary>
    public const string BaseEntrypointReplaced = "CTZ1026";

    /// <summary><c>SOURCE_DATE_EPOCH</c> is not a whole number of seconds (warning).</summary>
    public const string SourceDateEpochInvalid = "CTZ1027";

    /// <summary>A health check's command, times or retries are not valid.</summary>
    public const string HealthcheckInvalid = "CTZ1029";

    /// <summary>A path of the image that an item names cannot be used.</summary>
    public const string ImagePathInvalid = "CTZ1030";

    /// <summary><c>ContainerStopSignal</c> is no signal.</summary>
    public const string StopSignalInvalid = "CTZ1031";

    /// <summary>An annotation has no name, or a scope that does not exist.</summary>
    public const string AnnotationInvalid = "CTZ1032";

    /// <summary>A file, folder or link that an item names cannot be put into the image.</summary>
    public const string ContentUnusable = "CTZ1033";

    /// <summary>An owner or a mode is not valid.</summary>
    public const string OwnerOrModeInvalid = "CTZ1034";

    /// <summary>A layer's name or its place among the others is not valid.</summary>
    public const string LayerInvalid = "CTZ1035";

    /// <summary>A health check or annotations in a format in which some engines ignore them (warning).</summary>
    public const string FormatLosesSettings = "CTZ1039";

    /// <summary>A file that an item protects is published as well, for all to read (warning).</summary>
    public const string ProtectedFilePublished = "CTZ1040";

    /// <summary>A property or item that says how registries are talked to cannot be used.</summary>
    public const string RegistrySettingInvalid = "CTZ1041";

    /// <summary>The repository begins with a registry or ends with a tag, which other properties are for (warning).</summary>
    public const string RepositoryHoldsMore = "CTZ1042";

    /// <summary>A property that knows a few values only has another one.</summary>
    public const string PropertyValueUnknown = "CTZ1037";

    /// <summary><c>ContainerVersion</c> cannot be a tag.</summary>
    public const string VersionInvalid = "CTZ1038";

    /// <summary>A <c>ContainerDestination</c> is not valid.</summary>
    public const string DestinationInvalid = "CTZ1036";

    /// <summary>The base image was not found.</summary>
    public const string BaseNotFound = "CTZ2001";

    /// <summary>The base image has no variant for the wanted platform.</summary>
    public const string BasePlatformMissing = "CTZ2002";

    /// <summary>The registry refuses access to the base image.</summary>
    public const string BaseAccessDenied = "CTZ2003";

    /// <summary>The base image's registry cannot be reached.</summary>
    public const string BaseRegistryUnreachable = "CTZ2004";

    /// <summary>The base image is damaged, or not an image that can be built on.</summary>
    public const string BaseContentInvalid = "CTZ2005";

    /// <summary>The base image's registry answered with an error.</summary>
    public const string BaseRegistryFailed = "CTZ2006";

    /// <summary>A layer of the base image has to be looked into, and cannot.</summary>
    public const string BaseLayerUnreadable = "CTZ2007";

    /// <summary>A base image in a file, a folder or an engine is not there, or it is not clear which one is meant.</summary>
    public const string BaseUnusable = "CTZ2008";

    /// <summary>A file's name or kind cannot stand in a layer.</summary>
    public const string PathUnsuitable = "CTZ3001";

    /// <summary>A symbolic link leads out of the publish folder, or to nothing.</summary>
    public const string SymlinkUnsuitable = "CTZ3002";

    /// <summary>A file cannot be read, or changed while it was read.</summary>
    public const string FileUnreadable = "CTZ3003";

    /// <summary>A file of the build's own, below <c>obj</c>, cannot be read or written.</summary>
    public const string IntermediateUnusable = "CTZ3005";

    /// <summary>Two different things claim one path of the image.</summary>
    public const string PathClash = "CTZ3004";

    /// <summary>The base image does not have the user or group that files are to belong to.</summary>
    public const string OwnerUnknown = "CTZ3006";

    /// <summary>The base image does not have what is to be removed from it (warning).</summary>
    public const string RemovedPathMissing = "CTZ3007";

    /// <summary>What the base image has at or above a path leaves no place for it.</summary>
    public const string PathUnplaceable = "CTZ3008";

    /// <summary>A file that an earlier publish left in the publish folder cannot be replaced or deleted.</summary>
    public const string PublishFolderNotUpdated = "CTZ3009";

    /// <summary>The publish folder lacks the program, or in a folder shared with another project any published file.</summary>
    public const string PublishedFileMissing = "CTZ3010";

    /// <summary>A published file changed, came or went while the image was built.</summary>
    public const string PublishFolderChanged = "CTZ3011";

    /// <summary>Another project was published into the same folder, and its files are in the image (warning).</summary>
    public const string PublishFolderShared = "CTZ3012";

    /// <summary>The destination's registry cannot be reached.</summary>
    public const string RegistryUnreachable = "CTZ4001";

    /// <summary>The destination's registry refuses the push.</summary>
    public const string PushDenied = "CTZ4002";

    /// <summary>The destination's registry answered the push with an error.</summary>
    public const string PushFailed = "CTZ4003";

    /// <summary>Credentials could not be read.</summary>
    public const string CredentialsUnreadable = "CTZ4004";

    /// <summary>A tag that must not move names another image already.</summary>
    public const string TagImmutable = "CTZ4005";

    /// <summary>The destination's registry does not list its tags, so which may move is unknown.</summary>
    public const string TagsUnlisted = "CTZ4006";

    /// <summary>The exchange with registries took longer than it may.</summary>
    public const string RegistryTimeLimit = "CTZ4007";

    /// <summary>The container engine asked for does not answer.</summary>
    public const string EngineMissing = "CTZ5001";

    /// <summary>The container engine did not accept the image.</summary>
    public const string EngineLoadFailed = "CTZ5002";

    /// <summary>An archive or layout cannot be written.</summary>
    public const string ArchiveUnwritable = "CTZ5003";

    /// <summary>
    /// Native files are made for another C library than the base's (warning, unless <c>ContainerChecks</c> says otherwise; all 6xxx are).
    /// </summary>
    public const string LibcMismatch = "CTZ6001";

    /// <summary>Native files are made for another processor than the image's.</summary>
    public const string ArchitectureMismatch = "CTZ6002";

    /// <summary>A program's loader, or a script's interpreter, is not in the image.</summary>
    public const string InterpreterMissing = "CTZ6003";

    /// <summary>Native files were linked against a newer C or C++ library than the base's.</summary>
    public const string SymbolVersionTooNew = "CTZ6004";

    /// <summary>ICU is not in the image, and globalization is not invariant.</summary>
    public const string IcuMissing = "CTZ6005";

    /// <summary>OpenSSL is not in the image.</summary>
    public const string OpenSslMissing = "CTZ6006";

    /// <summary>The files of time zones are not in the image.</summary>
    public const string TimeZonesMissing = "CTZ6007";

    /// <summary>The certificates of authorities are not in the image.</summary>
    public const string CertificatesMissing = "CTZ6008";

    /// <summary>A shared framework is not in the image, or not in a version that will do.</summary>
    public const string FrameworkMissing = "CTZ6009";

    /// <summary>A port below 1024 for a user who is not root.</summary>
    public const string PortNeedsRoot = "CTZ6010";

    /// <summary>What the image starts is not in it, or cannot be started.</summary>
    public const string CommandMissing = "CTZ6011";

    /// <summary>A shared library that native files are linked against is not in the image.</summary>
    public const string SharedLibraryMissing = "CTZ6012";

    /// <summary>The base's files could not be read, so nothing was checked.</summary>
    public const string BaseNotChecked = "CTZ6013";

    /// <summary>The image's user or group is not known in it.</summary>
    public const string AccountMissing = "CTZ6014";

    /// <summary>The health check's program or shell is not in the image, or cannot be started.</summary>
    public const string HealthcheckUnstartable = "CTZ6015";

    /// <summary>A variable tells ASP.NET Core to listen on something that is no port.</summary>
    public const string AddressInvalid = "CTZ6016";

    /// <summary>A volume is where the image has a file.</summary>
    public const string VolumeIsFile = "CTZ6017";

    /// <summary>All codes of the checks.</summary>
    public static IReadOnlyList<string> OfChecks { get; } =
    [
        LibcMismatch, ArchitectureMismatch, InterpreterMissing, SymbolVersionTooNew, IcuMissing, OpenSslMissing, TimeZonesMissing,
        CertificatesMissing,
        FrameworkMissing,
        PortNeedsRoot, CommandMissing, SharedLibraryMissing, BaseNotChecked, AccountMissing, HealthcheckUnstartable,
        AddressInvalid, VolumeIsFile,
    ];

    /// <summary>A defect of Containerize.</summary>
    public const string Internal = "CTZ9001";
}

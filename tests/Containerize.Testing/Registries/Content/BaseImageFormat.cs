namespace Containerize.Testing.Registries.Content;

/// <summary>Which family of media types an image has.</summary>
public enum BaseImageFormat
{
    /// <summary>image-spec 1.1.</summary>
    Oci,

    /// <summary>Docker image manifest v2, schema 2.</summary>
    Docker,
}

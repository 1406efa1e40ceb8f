using Containerize.Testing.Validation;

namespace Containerize.Tests.Testing;

/// <summary>A fact that needs the JSON schemas of image-spec, which lie beside the repository and not in it.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class SchemaFactAttribute : FactAttribute
{
    public SchemaFactAttribute()
    {
        if (OciSchemas.Find() is null)
            Skip = $"There is no {OciSchemas.RelativeDirectory} above the tests.";
    }
}

namespace Containerize.Planning;

/// <summary>What becomes of symbols: <c>ContainerSymbols</c>.</summary>
public enum SymbolsMode
{
    /// <summary>Managed symbols (<c>.pdb</c>) are in the image, as they are published; native ones and documentation are not.</summary>
    Include,

    /// <summary>None are in the image.</summary>
    Exclude,

    /// <summary>Symbols and documentation are in an image of their own.</summary>
    Separate,
}

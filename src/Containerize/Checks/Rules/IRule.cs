using Containerize.Checks.Facts;

namespace Containerize.Checks.Rules;

/// <summary>One thing that can be wrong with an image.</summary>
internal interface IRule
{
    /// <summary>What is wrong; null where nothing is, or where it cannot be told.</summary>
    Finding? Check(Inspection image);
}

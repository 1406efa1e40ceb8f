namespace Containerize.Testing.Registries;

/// <summary>How a registry words that it will not do something.</summary>
/// <param name="Status">The status.</param>
/// <param name="Code">The error's code (distribution-spec, "Error Codes"; some have codes of their own).</param>
/// <param name="Message">The error's message; <c>{repository}</c> and <c>{tag}</c> stand for those.</param>
public sealed record Refusal(int Status, string Code, string Message)
{
    internal Routing.RegistryException Of(string repository, string tag = "") => new(
        Status, Code, Message.Replace("{repository}", repository, StringComparison.Ordinal)
            .Replace("{tag}", tag, StringComparison.Ordinal));
}

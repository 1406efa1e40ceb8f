namespace Containerize.Registries.Configuration;

/// <summary>What names of images begin with.</summary>
/// <param name="Text"><c>host</c>, <c>host/namespace</c>, or <c>*.host</c> for all hosts below one.</param>
internal readonly record struct NamePrefix(string Text)
{
    /// <summary>How much of a name the prefix covers; negative where it does not fit.</summary>
    public int Covers(string name)
    {
        if (Text.StartsWith("*.", StringComparison.Ordinal))
        {
            var host = name.Split('/', 2)[0];
            return host.EndsWith(Text[1..], StringComparison.OrdinalIgnoreCase) ? 1 : -1;
        }

        return name.StartsWith(Text, StringComparison.OrdinalIgnoreCase) && (name.Length == Text.Length || name[Text.Length] is '/' or ':' or '@') ? Text.Length : -1;
    }

    /// <summary>A name with the prefix replaced.</summary>
    public string Rewrite(string name, string location) => Text.StartsWith("*.", StringComparison.Ordinal)
        ? location + (name.IndexOf('/', StringComparison.Ordinal) is >= 0 and var slash ? name[slash..] : "")
        : location + name[Text.Length..];

    public override string ToString() => Text;
}

namespace Containerize.Testing.Validation;

/// <summary>Collects sentences, each with the place that it is about.</summary>
internal sealed class ProblemList
{
    private readonly List<string> _sentences;
    private readonly string _place;

    public ProblemList()
        : this([], "")
    {
    }

    private ProblemList(List<string> sentences, string place)
    {
        _sentences = sentences;
        _place = place;
    }

    public IReadOnlyList<string> Sentences => _sentences;

    public void Add(string sentence) => _sentences.Add(_place + sentence);

    public void AddRange(IEnumerable<string> sentences)
    {
        foreach (var sentence in sentences)
            Add(sentence);
    }

    /// <summary>The same list, for a part of the place.</summary>
    public ProblemList At(string place) => new(_sentences, $"{_place}{place}: ");
}

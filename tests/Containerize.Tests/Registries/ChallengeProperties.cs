using System.Text;
using Containerize.Registries.Authentication;
using Containerize.Tests.Support;
using CsCheck;

namespace Containerize.Tests.Registries;

/// <summary>What holds for all challenges and scopes, whoever writes them.</summary>
public sealed class ChallengeProperties
{
    private const string Structure = " \t,=\"\\:";

    private static Gen<string> Space => Gen.OneOf("", " ", "\t ", "  ");

    private static Gen<string> Separator =>
        Gen.Select(Space, Gen.OneOf(",", ", ,", ",,"), Space).Select((before, comma, after) => before + comma + after);

    private static Gen<string> Token => Gen.String[Gen.Char["abzABZ019-._~+/:!#$"], 1, 12];

    private static Gen<Written> Parameter =>
        Gen.Select(
            Gen.OneOf(Gen.OneOf("realm", "Realm", "SERVICE", "scope", "error"), Token),
            Space,
            Space,
            Gen.OneOf(Token.Select(Unquoted), Anything.Text(Structure, 20).Select(Quoted)))
            .Select(
                (name, before, after, value) => new Written($"{name}{before}={after}{value.Text}", name.ToLowerInvariant(), value.Means));

    private static Gen<WrittenChallenge> Challenges =>
        Gen.Select(
            Gen.OneOf(Gen.OneOf("Bearer", "bEARER", "Basic", "Digest", "Negotiate"), Token),
            Gen.OneOf(Gen.Const(Array.Empty<Written>()), Parameter.Array[1, 4]),
            Gen.OneOf("abc", "TlRMTVNTUAAB==", "a/b+c=").Null(),
            Separator)
        .Select((scheme, parameters, base64, separator) => parameters.Length > 0
            ? new WrittenChallenge($"{scheme} {string.Join(separator, parameters.Select(parameter => parameter.Text))}", Text(scheme, parameters))
            : new WrittenChallenge(base64 is null ? scheme : $"{scheme} {base64}", Text(scheme, [])));

    private static Gen<string> Resource =>
        Gen.OneOf("repository:a", "repository:a/b", "repository:host:5000/a", "repository(plugin):a", "registry:catalog");

    private static Gen<Scope[]> Scopes =>
        Gen.Select(Resource, Gen.OneOf("pull", "push", "delete", "*").Array[1, 4])
            .Select((resource, actions) => new Scope(resource, actions)).Array[1, 6];

    [Fact]
    public void What_a_server_says_is_what_is_understood() =>
        Gen.Select(Challenges, Gen.Bool, Separator).Array[0, 5].Holds(challenges =>
        {
            var headers = new List<string>();
            foreach (var (challenge, isOwn, separator) in challenges)
            {
                if (isOwn || headers.Count == 0)
                    headers.Add(challenge.Text);
                else
                    headers[^1] += separator + challenge.Text;
            }

            Assert.Equal(
                challenges.Select(challenge => challenge.Item1.Means),
                Challenge.Parse(headers)
                    .Select(challenge => Text(challenge.Scheme, challenge.Parameters.Select(p => new Written("", p.Key, p.Value)))));
        },
        cases: 1000);

    [Fact]
    public void Any_text_can_be_read() =>
        Gen.OneOf(Anything.Text(Structure), Anything.Changed(Challenges.Select(challenge => challenge.Text), Structure)).Array[0, 3].Holds(
            headers =>
            {
                var challenges = Challenge.Parse(headers);
                Assert.All(challenges, challenge =>
                {
                    Assert.NotEmpty(challenge.Scheme);
                    Assert.All(challenge.Parameters.Keys, name => Assert.Equal(name.ToLowerInvariant(), name));
                    Assert.All(Scope.ParseList(challenge["scope"]), scope => Assert.Contains(':', scope.Resource));
                });
                // Nothing is made up, and nothing is read twice.
                Assert.InRange(Length(challenges), 0, headers.Sum(header => header.Length));
            },
            cases: 3000);

    // A reader that starts over would be at it for minutes.
    [Fact]
    public void A_long_text_is_gone_through_once() =>
        Gen.Select(Anything.Text(Structure, 3), Anything.Text(Structure, 5)).Holds(
            pieces =>
            {
                var (start, again) = pieces;
                var header = new StringBuilder(start).Insert(start.Length, again, 200_000 / (again.Length + 1)).ToString();
                Assert.InRange(Length(Challenge.Parse([header])), 0, header.Length);
            },
            cases: 10);

    [Fact]
    public void Scopes_that_are_merged_are_merged_once_and_for_all() =>
        Scopes.Holds(scopes =>
        {
            var merged = Scope.Merge(scopes);
            Assert.Equal(Texts(merged), Texts(Scope.Merge(merged)));
            Assert.Equal(Texts(merged), Texts(Scope.Merge([.. merged, .. scopes])));
            Assert.Equal(merged.Count, merged.DistinctBy(scope => scope.Resource).Count());
            Assert.All(merged, scope => Assert.Equal(scope.Actions.Distinct(), scope.Actions));
            // Each right is there, and none that nobody asked for.
            Assert.True(Scope.Covers(merged, scopes));
            Assert.Equal(Rights(scopes), Rights(merged));
        });

    [Fact]
    public void The_destination_stays_first_and_the_others_in_their_order() =>
        Scopes.Holds(
            scopes => Assert.Equal(scopes.Select(scope => scope.Resource).Distinct(), Scope.Merge(scopes).Select(scope => scope.Resource)));

    [Fact]
    public void The_order_in_which_rights_are_asked_for_changes_none_of_them() =>
        Gen.SelectMany(
            Scopes,
            scopes => Gen.Shuffle(scopes)
                .Select(shuffled => (scopes, shuffled: shuffled.Select(scope => scope with { Actions = [.. scope.Actions.Reverse()] }))))
            .Holds(pair => Assert.Equal(Rights(Scope.Merge(pair.scopes)), Rights(Scope.Merge(pair.shuffled))));

    [Fact]
    public void A_list_of_scopes_is_read_as_it_is_written() =>
        Scopes.Holds(scopes =>
        {
            var read = Scope.ParseList(string.Join(' ', Texts(scopes)));
            Assert.Equal(scopes.Select(scope => scope.Resource), read.Select(scope => scope.Resource));
            Assert.Equal(scopes.Select(scope => scope.Actions), read.Select(scope => scope.Actions));
        });

    private static IEnumerable<string> Texts(IEnumerable<Scope> scopes) => scopes.Select(scope => scope.ToString());

    private static IEnumerable<string> Rights(IEnumerable<Scope> scopes) =>
        scopes.SelectMany(scope => scope.Actions.Select(action => scope.Resource + " " + action)).Distinct().Order(StringComparer.Ordinal);

    private static (string Text, string Means) Unquoted(string value) => (value, value);

    private static (string Text, string Means) Quoted(string value) => ($"\"{value.Replace("\\", "\\\\").Replace("\"", "\\\"")}\"", value);

    private static int Length(IEnumerable<Challenge> challenges) =>
        challenges.Sum(
            challenge => challenge.Scheme.Length + challenge.Parameters.Sum(parameter => parameter.Key.Length + parameter.Value.Length));

    // Of a name that is there twice the first counts.
    private static string Text(string scheme, IEnumerable<Written> parameters) =>
        $"{scheme}{{{string.Join('\n', parameters.DistinctBy(parameter => parameter.Name).OrderBy(parameter => parameter.Name, StringComparer.Ordinal).Select(parameter => $"{parameter.Name}={parameter.Means}"))}}}";

    private sealed record Written(string Text, string Name, string Means);

    private sealed record WrittenChallenge(string Text, string Means);
}

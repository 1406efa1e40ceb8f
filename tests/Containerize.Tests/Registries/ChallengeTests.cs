using Containerize.Registries.Authentication;

namespace Containerize.Tests.Registries;

public sealed class ChallengeTests
{
    public static TheoryData<string, string> Headers => new()
    {
        { """Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull" """,
            "Bearer{realm=https://auth.docker.io/token;service=registry.docker.io;scope=repository:a/b:pull}" },
        // Commas and spaces inside quotes (GitLab).
        { """Bearer realm="https://g/jwt/auth",scope="repository:a:pull,push repository:b:pull" """,
            "Bearer{realm=https://g/jwt/auth;scope=repository:a:pull,push repository:b:pull}" },
        { """bearer REALM="x" , Service = "y" """, "bearer{realm=x;service=y}" },
        { """Basic realm="a \"quoted\" \\ name" """, """Basic{realm=a "quoted" \ name}""" },
        { """Basic realm=unquoted""", "Basic{realm=unquoted}" },
        { """Bearer realm=https://h/token,service=h""", "Bearer{realm=https://h/token;service=h}" },
        { "Basic", "Basic{}" },
        { "Negotiate, Basic realm=\"x\"", "Negotiate{} Basic{realm=x}" },
        { "NTLM TlRMTVNTUAAB==, Bearer realm=\"x\"", "NTLM{} Bearer{realm=x}" },
        { """Basic realm="a", Bearer realm="b",service="c",Digest qop="auth" """, "Basic{realm=a} Bearer{realm=b;service=c} Digest{qop=auth}" },
        { """Bearer realm="a",error="insufficient_scope",realm="evil" """, "Bearer{realm=a;error=insufficient_scope}" },
        { """Bearer realm="never closed""", "Bearer{realm=never closed}" },
        { """Bearer realm="" """, "Bearer{realm=}" },
        { ", ,Basic realm=\"x\",,", "Basic{realm=x}" },
        { "", "" },
        { "=", "" },
        { "\"x\"", "" },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void Parses(string header, string expected) => Assert.Equal(expected, Text(Challenge.Parse([header])));

    [Fact]
    public void Parses_all_headers() =>
        Assert.Equal("Negotiate{} Bearer{realm=x}", Text(Challenge.Parse(["Negotiate", "Bearer realm=\"x\""])));

    private static string Text(IEnumerable<Challenge> challenges) =>
        string.Join(' ', challenges.Select(c => $"{c.Scheme}{{{string.Join(';', c.Parameters.Select(p => $"{p.Key}={p.Value}"))}}}"));
}

public sealed class ScopeTests
{
    [Theory]
    [InlineData("repository:a:pull", "repository:a:pull")]
    [InlineData("repository:a:pull,push repository:b:pull", "repository:a:pull,push|repository:b:pull")]
    [InlineData("repository:host:5000/a:pull", "repository:host:5000/a:pull")]
    [InlineData("repository(plugin):a:pull", "repository(plugin):a:pull")]
    [InlineData("nonsense  repository:a:", "repository:a:")]
    [InlineData(null, "")]
    public void Parses(string? text, string expected) => Assert.Equal(expected, string.Join('|', Scope.ParseList(text)));

    [Fact]
    public void Merges_the_actions_of_one_repository_and_keeps_the_order()
    {
        var merged = Scope.Merge([Scope.PullAndPush("dst"), Scope.Pull("src"), Scope.Pull("dst"), new Scope("repository:src", ["delete"])]);
        Assert.Equal("repository:dst:pull,push repository:src:pull,delete", string.Join(' ', merged));
    }

    [Theory]
    [InlineData("repository:a:pull,push", "repository:a:pull", true)]
    [InlineData("repository:a:*", "repository:a:pull,push", true)]
    [InlineData("repository:a:pull", "repository:a:pull,push", false)]
    [InlineData("repository:a:pull", "repository:b:pull", false)]
    [InlineData("repository:a:pull repository:b:pull", "repository:b:pull", true)]
    public void Covers(string granted, string wanted, bool expected) =>
        Assert.Equal(expected, Scope.Covers(Scope.ParseList(granted), Scope.ParseList(wanted)));
}

using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Containerize.Building;
using Containerize.Images;
using Containerize.Planning;
using Containerize.Planning.Settings;
using Containerize.Stores.Registry;
using Containerize.Testing.Registries;
using Containerize.Testing.Registries.Auth;
using Containerize.Testing.Registries.Content;
using Containerize.Testing.Registries.Faults;
using Containerize.Testing.Registries.Recording;
using Containerize.Testing.Validation;
using Containerize.Tests.Registries;
using Containerize.Tests.Support;

namespace Containerize.Tests.Building;

/// <summary>
/// Every request of a publish fails once, in each way that requests fail. The image arrives whole, or the publish fails with its code;
/// there is nothing in between, and nothing is asked more often than the policy says.
/// </summary>
public sealed class RequestMatrixTests : IDisposable
{
    // As often as the retry policy sends one request.
    private const int Attempts = 5;

    private static readonly Dictionary<string, FaultAction> Faults = new(StringComparer.Ordinal)
    {
        ["400"] = Fault.Status(400),
        ["401"] = Fault.Status(401),
        ["403"] = Fault.Status(403),
        ["404"] = Fault.Status(404),
        ["405"] = Fault.Status(405),
        ["408"] = Fault.Status(408),
        ["416"] = Fault.Status(416),
        ["429"] = Fault.Status(429, headers: ("Retry-After", "1")),
        ["500"] = Fault.Status(500),
        ["503"] = Fault.Status(503),
        ["cut before"] = Fault.Abort(),
        ["cut in the request"] = Fault.BreakRequest(10),
        ["cut in the answer"] = Fault.TruncateBody(5),
        ["cut after"] = async (context, next) =>
        {
            await next(context);
            context.Abort();
        },
        ["a byte turned round"] = Fault.FlipByte(20),
        ["another digest"] = Fault.SetHeader("Docker-Content-Digest", "sha256:" + new string('0', 64)),
        ["no address"] = Fault.SetHeader("Location", null),
        ["an address elsewhere"] = Fault.SetHeader("Location", "http://169.254.169.254/latest"),
        ["no length and type"] = Fault.SetHeader("Content-Type", null),
    };

    // What passes by itself must not end a publish.
    private static readonly string[] Passing =
    [
        "408", "429", "500", "503", "cut before", "cut in the request", "cut in the answer", "cut after",
    ];

    private readonly SampleApp _app = new();

    public void Dispose() => _app.Dispose();

    public static TheoryData<string> Kinds => [.. Faults.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task In_one_registry(string kind) => RunAsync(kind, new TestRegistryOptions(), null);

    [Theory]
    [MemberData(nameof(Kinds))]
    public Task From_one_registry_with_tokens_to_another_with_a_password(string kind) => RunAsync(
        kind,
        new TestRegistryOptions { Auth = new TestRegistryAuth.Bearer { Anonymous = AnonymousAccess.Pull }, RedirectBlobs = true },
        new TestRegistryOptions { Auth = new TestRegistryAuth.Basic("ada", "secret") });

    private async Task RunAsync(string kind, TestRegistryOptions source, TestRegistryOptions? target)
    {
        var whole = await PublishAsync(source, target, null, -1);
        Assert.Null(whole.Failure);
        var failures = new List<string>();
        var (struck, failed) = (0, 0);
        for (var request = 0; request < whole.Requests.Count; request++)
        {
            var run = await PublishAsync(source, target, Faults[kind], request);
            if (run.Struck is null)
                continue;
            struck++;
            failed += run.Failure is null ? 0 : 1;
            if (Problem(kind, run, whole) is { } problem)
                failures.Add($"{run.Struck}: {problem}");
        }

        Assert.True(struck > whole.Requests.Count / 2, "The faults struck nothing.");
        // What nobody can get through is noticed, or the faults would be none.
        if (kind is "400" or "403" or "an address elsewhere")
            Assert.NotEqual(0, failed);
        Assert.True(failures.Count == 0, $"{kind}\n{string.Join('\n', failures)}");
    }

    private static string? Problem(string kind, Run run, Run whole)
    {
        if (run.Failure is { } failure)
        {
            if (failure is not ContainerizeException { Code: var code } || !Regex.IsMatch(code, "^CTZ[24][0-9]{3}$"))
                return $"fails without a code of its own: {failure}";
            if (Passing.Contains(kind))
                return $"gives up: {failure.Message}";
        }
        else if (run.Tags.Count != 2)
        {
            return $"succeeds with the tags {string.Join(", ", run.Tags.Keys)}";
        }

        if (run.Tags.Values.FirstOrDefault(digest => digest != whole.Tags["1.0"]) is { } other)
            return $"tags another image: {other}";
        if (run.Broken is { } broken)
            return $"tags what is not whole: {broken}";
        return run.Requests.GroupBy(request => request)
            .FirstOrDefault(group => group.Count() > Attempts + whole.Requests.Count(request => request == group.Key)) is { } often
            ? $"asks {often.Count()} times: {often.Key}"
            : null;
    }

    private async Task<Run> PublishAsync(TestRegistryOptions source, TestRegistryOptions? target, FaultAction? fault, int index)
    {
        await using var from = await TestRegistry.StartAsync(source);
        await using var other = target is null ? null : await TestRegistry.StartAsync(target);
        var to = other ?? from;
        BaseImages.PushImage(
            from,
            "base",
            "1",
            new BaseImageSpec { Layers = [BaseImages.SmallRoot, [TarItem.Directory("data"), TarItem.File("data/x", "x")]] });
        var requests = new ConcurrentQueue<string>();
        string? struck = null;
        foreach (var registry in new[] { from, other }.OfType<TestRegistry>())
        {
            registry.Faults.Add(
                request =>
                {
                    var now = requests.Count;
                    requests.Enqueue(Normalised($"{request.Method} {request.Path}{request.QueryString}"));
                    return now == index && fault is not null;
                },
                1,
                (context, next) =>
                {
                    struck = $"{context.Request.Method} {context.Request.Path}";
                    return fault!(context, next);
                });
        }

        using var harness = new Harness();
        harness.Environment.Variables["DOTNET_CONTAINER_PUSH_REGISTRY_UNAME"] = "ada";
        harness.Environment.Variables["DOTNET_CONTAINER_PUSH_REGISTRY_PWORD"] = "secret";
        var plan = _app.Plan($"{from.Host}/base:1") with { Destinations = [new Destination(DestinationKind.Registry, to.Host)] };
        Exception? failure = null;
        try
        {
            var image = await _app.BuildAsync(plan, await new BaseResolver(harness.Client).ResolveAsync(plan, default));
            await new ImagePublisher(harness.Client, new TagLookups(harness.Client), new ScriptedProcesses())
                .PublishAsync(plan, ImageSet.Of(image), plan.Destinations, default);
        }
        catch (Exception e)
        {
            failure = e;
        }

        var tags = to.Tags("team/app").ToDictionary(tag => tag, tag => to.FindManifest("team/app", tag)!.Digest);
        string? broken = null;
        foreach (var tag in tags.Keys)
        {
            var problems = (
                await ImageValidator.ValidateAsync(ImageUnderTest.FromRegistry(to, "team/app", tag), SampleApp.Validation)).Problems;
            broken ??= problems.Count == 0 ? null : problems[0].ToString();
        }

        return new Run(
            failure,
            struck,
            tags,
            broken,
            [.. requests.Select(
                request => request.Replace(from.Host, "", StringComparison.Ordinal).Replace(to.Host, "", StringComparison.Ordinal))]);
    }

    private static string Normalised(string request) =>
        Regex.Replace(Regex.Replace(request, "/uploads/[^/?]+", "/uploads/ID"), "_state=[^&]*", "_state=");

    private sealed record Run(
        Exception? Failure, string? Struck, IReadOnlyDictionary<string, string> Tags, string? Broken, IReadOnlyList<string> Requests);
}

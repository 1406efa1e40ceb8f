using System.Globalization;
using System.Reflection;
using HelloWeb;
using HelloWeb.Greetings;
using Newtonsoft.Json;
using Serilog;

// The image's health check starts the program itself, so neither a shell nor curl has to be in the image.
if (args is ["--healthcheck"])
{
    var port = (Environment.GetEnvironmentVariable("ASPNETCORE_HTTP_PORTS") ?? "8080").Split(';')[0];
    using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
    try
    {
        using var answer = await client.GetAsync($"http://127.0.0.1:{port}/health");
        return answer.IsSuccessStatusCode ? 0 : 1;
    }
    catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
    {
        return 1;
    }
}

var builder = WebApplication.CreateBuilder(args);

builder.Services.AddSerilog(log => log.ReadFrom.Configuration(builder.Configuration));
builder.Services.AddHealthChecks();
builder.Services.AddSingleton<Greeter>();
builder.Services.AddSingleton(_ => new NoteStore(builder.Configuration["Notes:ConnectionString"]!));

var app = builder.Build();
var version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];

// The default page's path is put in before routing, so that it finds its way to the static assets.
app.UseDefaultFiles();
app.UseRouting();

app.MapStaticAssets();
app.MapHealthChecks("/health");

app.MapGet("/", () => $"Hello from HelloWeb {version} on {Place.OperatingSystemDescription} as user {Place.User}\n");

app.MapGet("/greet/{name}", (string name, string? culture, Greeter greeter) =>
    TryCulture(culture, out var language)
        ? Results.Text(greeter.Greet(name, language) + "\n")
        : Results.BadRequest($"There is no culture {culture} here.\n"));

app.MapGet("/notes", async (string? culture, NoteStore notes) =>
{
    if (!TryCulture(culture, out var language))
        return Results.BadRequest($"There is no culture {culture} here.\n");

    await notes.AddAsync($"A visitor came by, says **SQLite {notes.SqliteVersion}**.");
    var latest = await notes.LatestAsync(app.Configuration.GetValue("Notes:Shown", 5), language);
    return Results.Text(JsonConvert.SerializeObject(latest) + "\n", "application/json");
});

app.Run();
return 0;

static bool TryCulture(string? name, out CultureInfo culture)
{
    culture = CultureInfo.InvariantCulture;
    try
    {
        culture = CultureInfo.GetCultureInfo(name ?? "en");
        return true;
    }
    catch (CultureNotFoundException)
    {
        return false;
    }
}

using System.Globalization;
using Dapper;
using Humanizer;
using Markdig;
using Microsoft.Data.Sqlite;

namespace HelloWeb;

/// <summary>Notes in an SQLite database that lives as long as this object.</summary>
public sealed class NoteStore : IDisposable
{
    private readonly string connectionString;
    private readonly SqliteConnection keptOpen;

    public NoteStore(string connectionString)
    {
        this.connectionString = connectionString;
        keptOpen = new SqliteConnection(connectionString);
        keptOpen.Open();
        keptOpen.Execute("create table notes (id integer primary key, text text not null, written integer not null)");
    }

    public string SqliteVersion => keptOpen.ServerVersion;

    public async Task AddAsync(string text)
    {
        await using var connection = new SqliteConnection(connectionString);
        await connection.ExecuteAsync(
            "insert into notes (text, written) values (@text, @written)",
            new { text, written = DateTimeOffset.UtcNow.ToUnixTimeSeconds() });
    }

    public async Task<IReadOnlyList<Note>> LatestAsync(int count, CultureInfo culture)
    {
        await using var connection = new SqliteConnection(connectionString);
        var rows = await connection.QueryAsync<(long Id, string Text, long Written)>(
            "select id, text, written from notes order by id desc limit @count", new { count });
        return [.. rows.Select(row => new Note(
            row.Id,
            Markdown.ToHtml(row.Text).Trim(),
            DateTimeOffset.FromUnixTimeSeconds(row.Written).UtcDateTime.Humanize(culture: culture)))];
    }

    public void Dispose() => keptOpen.Dispose();
}

public sealed record Note(long Id, string Html, string Written);

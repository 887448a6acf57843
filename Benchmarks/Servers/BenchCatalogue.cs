using Npgsql;
using NpgsqlTypes;
using Streaming.Storage.Servers;

namespace Streaming.Benchmarks.Servers;

/// <summary>Fills and reads the metadata database of a run, behind the silos' backs.</summary>
internal sealed class BenchCatalogue(NpgsqlDataSource metadata)
{
    private const int Genres = 20;
    private const int GenresPerTitle = 2;
    private const int People = 500;
    private const int CastPerTitle = 3;
    private const string Summary = "A summary of the length that a catalogue usually has: who it is about, what they want, what stands in their way, and nothing at all of how it ends for them.";

    /// <summary>Titles with genres and cast, as the demo data has.</summary>
    public async Task FillAsync(Guid[] ids, CancellationToken cancellationToken)
    {
        await using var connection = await metadata.OpenConnectionAsync(cancellationToken);
        var people = BenchTitles.Ids(People);
        await CopyAsync(connection, "genres (genre_id, name)", Genres, 1, async (row, i, _) =>
        {
            await row.WriteAsync(i + 1, NpgsqlDbType.Integer, cancellationToken);
            await row.WriteAsync($"Genre {i + 1}", NpgsqlDbType.Varchar, cancellationToken);
        }, cancellationToken);
        await CopyAsync(connection, "cast_crew (person_id, name, role)", People, 1, async (row, i, _) =>
        {
            await row.WriteAsync(people[i], NpgsqlDbType.Uuid, cancellationToken);
            await row.WriteAsync($"Person {i + 1}", NpgsqlDbType.Varchar, cancellationToken);
            await row.WriteAsync("Actor", NpgsqlDbType.Varchar, cancellationToken);
        }, cancellationToken);
        await CopyAsync(connection, "content_metadata (content_id, title, content_type, duration_minutes, summary, rating)", ids.Length, 1, async (row, i, _) =>
        {
            await row.WriteAsync(ids[i], NpgsqlDbType.Uuid, cancellationToken);
            await row.WriteAsync($"Title {i + 1}", NpgsqlDbType.Varchar, cancellationToken);
            await row.WriteAsync("movie", NpgsqlDbType.Varchar, cancellationToken);
            await row.WriteAsync(90 + (i % 60), NpgsqlDbType.Integer, cancellationToken);
            await row.WriteAsync(Summary, NpgsqlDbType.Text, cancellationToken);
            await row.WriteAsync(7.5m, NpgsqlDbType.Numeric, cancellationToken);
        }, cancellationToken);
        await CopyAsync(connection, "content_genres (content_id, genre_id)", ids.Length, GenresPerTitle, async (row, i, j) =>
        {
            await row.WriteAsync(ids[i], NpgsqlDbType.Uuid, cancellationToken);
            await row.WriteAsync(((i + j) % Genres) + 1, NpgsqlDbType.Integer, cancellationToken);
        }, cancellationToken);
        await CopyAsync(connection, "content_cast_crew (content_id, person_id, character_name)", ids.Length, CastPerTitle, async (row, i, j) =>
        {
            await row.WriteAsync(ids[i], NpgsqlDbType.Uuid, cancellationToken);
            await row.WriteAsync(people[(i + j) % People], NpgsqlDbType.Uuid, cancellationToken);
            await row.WriteAsync($"Character {j + 1}", NpgsqlDbType.Varchar, cancellationToken);
        }, cancellationToken);
        await connection.ExecuteAsync("ANALYZE", cancellationToken);
    }

    private const string SelectCounted = """
        SELECT (SELECT count(*) FROM view_journal) + (SELECT count(*) FROM view_journal_quarantine), (SELECT coalesce(sum(views), 0)::bigint FROM content_views)
        """;

    /// <summary>Journal rows that are not applied, or cannot be, and the sum of the applied totals.</summary>
    public async Task<(long Waiting, long Counted)> CountAsync(CancellationToken cancellationToken) =>
        (await metadata.Command(SelectCounted).QueryAsync(r => (r.GetInt64(0), r.GetInt64(1)), cancellationToken))[0];

    private const string SelectSessions = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = $1";

    /// <summary>Processor time so far of the sessions of that name, by their process; empty where the server is on another machine.</summary>
    public async Task<Dictionary<int, TimeSpan>> GetProcessorTimesAsync(string applicationName, CancellationToken cancellationToken)
    {
        var sessions = await metadata.Command(SelectSessions, PostgresCommands.Value(applicationName)).QueryAsync(r => r.GetInt32(0), cancellationToken);
        return sessions
            .Select(pid => (Pid: pid, Time: ProcessStatus.ProcessorTime(pid, "postgres")))
            .Where(session => session.Time is not null)
            .ToDictionary(session => session.Pid, session => session.Time!.Value);
    }

    private static async Task CopyAsync(
        NpgsqlConnection connection, string table, int count, int perItem, Func<NpgsqlBinaryImporter, int, int, Task> writeAsync, CancellationToken cancellationToken)
    {
        await using var rows = await connection.BeginBinaryImportAsync($"COPY {table} FROM STDIN (FORMAT BINARY)", cancellationToken);
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < perItem; j++)
            {
                await rows.StartRowAsync(cancellationToken);
                await writeAsync(rows, i, j);
            }
        }

        await rows.CompleteAsync(cancellationToken);
    }
}

using System.Net.Sockets;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;
using Streaming.Storage.Demo;

namespace Streaming.Storage.Servers;

/// <summary>
/// Fills a catalogue without titles with demo data where that is switched on: before the silo starts, and once, however
/// many silos start. The catalogue comes last and in one transaction, so a start that was cut short is repeated; people
/// and reviews that it left are met and kept.
/// </summary>
internal sealed partial class ServersDemoData(
    ServerConnections connections,
    IOptions<ConnectionOptions> options,
    IOptions<StorageOptions> storage,
    IOptions<SeedOptions> seed,
    TimeProvider time,
    ILogger<ServersDemoData> logger) : IHostedService
{
    // Apart from the migrator's lock, so that silos that fill nothing need not wait for one that does.
    private const int LockKey = 0x5354_5344;
    private static readonly TimeSpan LockWait = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    public Task StartAsync(CancellationToken cancellationToken) =>
        seed.Value.Enabled == true ? FillIfEmptyAsync(cancellationToken) : Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task FillIfEmptyAsync(CancellationToken cancellationToken)
    {
        // Connections of its own: the pools' sessions end what takes as long as this.
        await using var metadata = await OpenAsync(nameof(ConnectionOptions.Metadata), options.Value.Metadata, cancellationToken);
        if (!await ExplainedAsync(metadata.Name, () => LockIfEmptyAsync(metadata.Connection, cancellationToken)))
            return;

        var data = new DemoData(seed.Value.Titles, time);
        LogMaking(logger, data.TitleCount, data.PersonCount);
        await using var analytics = await OpenAsync(nameof(ConnectionOptions.Analytics), options.Value.Analytics, cancellationToken);
        var absent = await ExplainedAsync(analytics.Name, () => PostgresDemoPeople.FillAsync(analytics.Connection, data, cancellationToken));
        await ExplainedAsync("The server of ConnectionStrings:Mongo", async () =>
        {
            await MongoDemoReviews.FillAsync(connections.Mongo, data, absent, time, logger, cancellationToken);
            return true;
        });
        await ExplainedAsync(metadata.Name, async () =>
        {
            await CitusDemoCatalogue.FillAsync(metadata.Connection, data, titles => LogTitles(logger, titles, data.TitleCount), cancellationToken);
            return true;
        });
    }

    private Task<PostgresMigratedDatabase> OpenAsync(string key, string? connectionString, CancellationToken cancellationToken) =>
        PostgresMigratedDatabase.OpenAsync(key, connectionString, TimeSpan.FromSeconds(storage.Value.StartWaitSeconds), logger, cancellationToken);

    private const string SelectTitle = "SELECT 1 FROM content_metadata LIMIT 1";

    private const string TryLock = "SELECT pg_try_advisory_lock($1, hashtext(coalesce(current_schema(), '')))";

    /// <returns>Whether it is empty; the lock is held then until the connection ends.</returns>
    private static async Task<bool> LockIfEmptyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (await connection.ListAsync(SelectTitle, _ => true, cancellationToken) is [])
        {
            if (await connection.ListAsync(TryLock, r => r.GetBoolean(0), cancellationToken, LockKey) is [true])
            {
                // Whoever had the lock may have filled it after the look.
                return await connection.ListAsync(SelectTitle, _ => true, cancellationToken) is [];
            }

            if (TimeProvider.System.GetElapsedTime(started) >= LockWait)
                throw new StartupException($"Another silo that starts has been making demo data for {LockWait.TotalMinutes:0} minutes. Wait for it to end, or end it, and start again.");

            await Task.Delay(RetryInterval, cancellationToken);
        }

        return false;
    }

    private static async Task<T> ExplainedAsync<T>(string name, Func<Task<T>> step)
    {
        try
        {
            return await step();
        }
        catch (Exception e) when (e is NpgsqlException or SocketException)
        {
            throw Failed(PostgresErrors.Reason(e), e);
        }
        catch (Exception e) when (MongoErrors.IsFailure(e))
        {
            throw Failed(MongoErrors.Reason(e), e);
        }

        StartupException Failed(string reason, Exception e) =>
            new($"{name} cannot take the demo data ({reason}). Start again when that is mended, or switch Seed:Enabled off.", e);
    }

    [LoggerMessage(LogLevel.Information, "Making demo data: {Titles} titles, {People} people…")]
    private static partial void LogMaking(ILogger logger, int titles, int people);

    [LoggerMessage(LogLevel.Information, "Demo data: {Titles} of {All} titles")]
    private static partial void LogTitles(ILogger logger, int titles, int all);
}

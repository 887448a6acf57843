using System.Globalization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Streaming.Storage.Servers;

/// <summary>Where a read goes.</summary>
internal enum Source
{
    Master,
    Replica,
}

/// <summary>
/// Sends reads that may lag to the analytics replica while it is up and near enough, and to the master otherwise. About
/// once a second it moves the master's heartbeat, and looks how old the heartbeat is that has arrived on the replica.
/// </summary>
internal sealed partial class ReplicaReader(
    ServerConnections connections, IOptions<StorageOptions> options, TimeProvider time, ILogger<ReplicaReader> logger) : BackgroundService
{
    private const int StepTimeoutSeconds = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private TimeSpan measuredLag = TimeSpan.MaxValue;
    private long measuredAt;
    private long? failedAt;
    private bool? isUsed;

    private TimeSpan MaxLag => TimeSpan.FromSeconds(options.Value.ReplicaMaxLagSeconds);

    /// <summary>Whether a read goes to the replica now. What it was behind when last measured has grown by the time since then at the most.</summary>
    public bool IsUsable
    {
        get
        {
            lock (gate)
                return failedAt is null && measuredLag < MaxLag && measuredLag + time.GetElapsedTime(measuredAt) <= MaxLag;
        }
    }

    /// <summary>Reads from the replica where that is allowed, and from the master when it is not or fails.</summary>
    public async Task<T> ReadAsync<T>(Func<Source, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (IsUsable)
        {
            try
            {
                return await read(Source.Replica, cancellationToken);
            }
            catch (StoreUnavailableException e)
            {
                Failed(e.Message);
            }
        }

        return await read(Source.Master, cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (connections.AnalyticsReplica is not { } replica)
            return;

        using var timer = new PeriodicTimer(Interval);
        do
        {
            // Both at once: a master that hangs must not hide that the replica falls behind, nor the other way round.
            await Task.WhenAll(BeatAsync(stoppingToken), MeasureAsync(replica, stoppingToken));
        }
        while (!stoppingToken.IsCancellationRequested && await TickAsync(timer, stoppingToken));
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken stoppingToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Many silos do this, and about one of them a second moves it. A moment in the future is one of a clock set back.
    private const string MoveHeartbeat = """
        WITH moved AS (
            UPDATE replication_heartbeat SET beat_at = now() WHERE id = 1 AND beat_at NOT BETWEEN now() - interval '900 ms' AND now()
        )
        INSERT INTO replication_heartbeat (id, beat_at) SELECT 1, now() WHERE NOT EXISTS (SELECT 1 FROM replication_heartbeat) ON CONFLICT DO NOTHING
        """;

    private async Task BeatAsync(CancellationToken stoppingToken)
    {
        try
        {
            await using var command = connections.Analytics.CreateCommand(MoveHeartbeat);
            command.CommandTimeout = StepTimeoutSeconds;
            await command.ExecuteNonQueryAsync(stoppingToken);
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            // Without beats the replica counts as behind, and the master's own readers report what is wrong with it.
            LogNoBeat(logger, e.Message);
        }
    }

    // By both servers' clocks, which are taken to differ by much less than the limit.
    private const string SelectLag = """
        SELECT greatest(extract(epoch FROM now() - beat_at), 0)::float8 FROM replication_heartbeat WHERE id = 1
        """;

    private async Task MeasureAsync(NpgsqlDataSource replica, CancellationToken stoppingToken)
    {
        try
        {
            await using var command = replica.CreateCommand(SelectLag);
            command.CommandTimeout = StepTimeoutSeconds;
            var startedAt = time.GetTimestamp();
            if (await command.ExecuteScalarAsync(stoppingToken) is double seconds)
                Measured(TimeSpan.FromSeconds(Math.Min(seconds, TimeSpan.MaxValue.TotalSeconds / 4)), startedAt);
            else
                Failed("it has not received a heartbeat yet");
        }
        catch (Exception e) when (e is NpgsqlException)
        {
            Failed(PostgresErrors.Unreadable((NpgsqlException)e, "The replica").Message);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private void Measured(TimeSpan lag, long startedAt)
    {
        lock (gate)
        {
            (measuredLag, measuredAt) = (lag, startedAt);
            if (failedAt is { } at && time.GetElapsedTime(at) < PauseAfterFailure)
                return;

            failedAt = null;
        }

        if (lag <= MaxLag)
            Report(used: true, "");
        else
            Report(used: false, string.Create(CultureInfo.InvariantCulture, $"it is {lag.TotalSeconds:0} s behind"));
    }

    private void Failed(string reason)
    {
        lock (gate)
            failedAt = time.GetTimestamp();

        Report(used: false, reason);
    }

    /// <summary>One line when that changes.</summary>
    private void Report(bool used, string reason)
    {
        lock (gate)
        {
            if (isUsed == used)
                return;

            isUsed = used;
        }

        if (used)
            LogUsed(logger);
        else
            LogNotUsed(logger, reason);
    }

    [LoggerMessage(LogLevel.Information, "Reads that may lag go to the analytics replica.")]
    private static partial void LogUsed(ILogger logger);

    [LoggerMessage(LogLevel.Warning, "Reads that may lag go to the analytics master, not to the replica: {Reason}.")]
    private static partial void LogNotUsed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Debug, "The analytics master's heartbeat was not moved: {Reason}")]
    private static partial void LogNoBeat(ILogger logger, string reason);
}

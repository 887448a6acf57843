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
    ServerConnections connections, IOptions<StorageOptions> options, BackgroundLoops loops, TimeProvider time, ILogger<ReplicaReader> logger) : BackgroundService
{
    private const int StepTimeoutSeconds = 2;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan LastPause = TimeSpan.FromMinutes(5);

    // Of a heartbeat that never moved; what is added to it must not overflow.
    private static readonly TimeSpan MaxMeasured = TimeSpan.FromDays(36_500);

    private readonly Lock gate = new();
    private TimeSpan measuredLag = MaxMeasured;
    private long measuredAt;
    private long? failedAt;
    private TimeSpan pause = FirstPause;
    private bool? isUsed;

    private TimeSpan MaxLag => TimeSpan.FromSeconds(options.Value.ReplicaMaxLagSeconds);

    /// <summary>Whether a read goes to the replica now. What it was behind when last measured has grown by the time since then at the most.</summary>
    public bool IsUsable
    {
        get
        {
            lock (gate)
                return failedAt is null && measuredLag + time.GetElapsedTime(measuredAt) <= MaxLag;
        }
    }

    /// <summary>Reads from the replica where that is allowed, and from the master when it is not or fails.</summary>
    public async Task<T> ReadAsync<T>(Func<Source, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        if (IsUsable)
        {
            try
            {
                var answer = await read(Source.Replica, cancellationToken);
                lock (gate)
                    pause = FirstPause;

                return answer;
            }
            catch (StoreUnavailableException e)
            {
                // Where it can be measured and not read, it is tried less and less often.
                lock (gate)
                    pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LastPause.Ticks));

                Failed(e.Message);
            }
        }

        return await read(Source.Master, cancellationToken);
    }

    // Two loops: a master that hangs must not hide that the replica falls behind, nor the other way round.
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (connections.AnalyticsReplica is not { } replica)
            return Task.CompletedTask;

        // Without beats the replica counts as behind, and the master's own readers report what is wrong with it.
        var beats = loops.Create(Schedule("replica_beat"), BeatAsync, logger, (_, latest) => LogNoBeat(logger, PostgresErrors.Reason(latest)));
        var measures = loops.Create(
            Schedule("replica_lag"), cancel => MeasureAsync(replica, cancel), logger,
            (_, latest) => Failed(PostgresErrors.Unreadable(latest, "the replica").Message));
        return Task.WhenAll(beats.RunAsync(stoppingToken), measures.RunAsync(stoppingToken));
    }

    private static LoopSchedule Schedule(string name) =>
        new(name, Interval) { FirstAfter = TimeSpan.Zero, LastPause = Interval, RoundTimeout = RoundTimeout };

    // Many silos do this, and about one of them a second moves it. A moment in the future is one of a clock set back.
    private const string MoveHeartbeat = """
        WITH moved AS (
            UPDATE replication_heartbeat SET beat_at = now() WHERE id = 1 AND beat_at NOT BETWEEN now() - interval '900 ms' AND now()
        )
        INSERT INTO replication_heartbeat (id, beat_at) SELECT 1, now() WHERE NOT EXISTS (SELECT 1 FROM replication_heartbeat) ON CONFLICT DO NOTHING
        """;

    private async Task BeatAsync(CancellationToken cancellationToken)
    {
        await using var command = connections.Analytics.CreateCommand(MoveHeartbeat);
        command.CommandTimeout = StepTimeoutSeconds;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // Nothing while a table is still copied. By both servers' clocks, which are taken to differ by much less than the limit.
    private const string SelectLag = """
        SELECT greatest(extract(epoch FROM now() - beat_at), 0)::float8 FROM replication_heartbeat
        WHERE id = 1 AND NOT EXISTS (SELECT 1 FROM pg_subscription_rel WHERE srsubstate NOT IN ('s', 'r'))
        """;

    private async Task MeasureAsync(NpgsqlDataSource replica, CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        object? answer;
        try
        {
            await using var command = replica.CreateCommand(SelectLag);
            command.CommandTimeout = StepTimeoutSeconds;
            answer = await command.ExecuteScalarAsync(cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            Failed(PostgresErrors.Unreadable(e, "the replica").Message);
            throw;
        }

        if (answer is double seconds)
            Measured(TimeSpan.FromSeconds(Math.Min(seconds, MaxMeasured.TotalSeconds)), startedAt);
        else
            Failed("it has not received a heartbeat yet");
    }

    private void Measured(TimeSpan lag, long startedAt)
    {
        lock (gate)
        {
            (measuredLag, measuredAt) = (lag, startedAt);
            if (failedAt is { } at && time.GetElapsedTime(at) < pause)
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

    [LoggerMessage(LogLevel.Warning, "Reads that may lag go to the analytics master, not to the replica: {Reason}")]
    private static partial void LogNotUsed(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Debug, "The analytics master's heartbeat was not moved: {Reason}")]
    private static partial void LogNoBeat(ILogger logger, string reason);
}

using System.Text.Json;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;
using Streaming.Content;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>
/// Copies in Redis for readers outside the cluster: <c>content:views:{id}</c>, the sorted set <c>trending:daily</c> of the
/// UTC day, and <c>content:metadata:{id}</c> as JSON for an hour. Nothing here reads them. Views go in one pipeline a second
/// and only ever raise what is there; what Redis has lost is rebuilt from the totals, by one silo.
/// </summary>
internal sealed partial class RedisCopies(
    ServerConnections connections, BackgroundLoops loops, TimeProvider time, ILogger<RedisCopies> logger) : PeriodicService
{
    // What waits while Redis is away, one number a title; beyond that it is rebuilt instead.
    private const int MaxWaiting = 100_000;
    private const int RowsPerRead = 5_000;
    private const int TrendingTitles = 10_000;

    // A Redis that loses its data again and again must not cost a reading of all totals each second.
    private const int RebuildAttempts = 2;

    private static readonly TimeSpan FlushInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ReportInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MetadataLifetime = TimeSpan.FromHours(1);
    private static readonly TimeSpan ClaimLifetime = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LastFlushTimeout = TimeSpan.FromSeconds(2);
    // For one answer; the client has a time-out of its own, and does not keep it in every state.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    // A rebuild of a million titles takes about a minute.
    private static readonly TimeSpan RoundTimeout = TimeSpan.FromMinutes(10);

    private const string Trending = "trending:daily";

    /// <summary>Says that the copies are complete; gone with the rest when Redis loses its data.</summary>
    internal const string Complete = "streaming:copies:complete";

    /// <summary>Held by the silo that rebuilds.</summary>
    private const string Claim = "streaming:copies:rebuilding";

    private const string RaiseTotal = """
        if (tonumber(redis.call('GET', KEYS[1]) or '') or -1) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
        """;

    // ARGV: end of the day in Unix seconds, members kept, then pairs of score and member. A set that ends earlier is of the
    // day before; a day that has ended is not written any more.
    private const string RaiseDay = """
        local now, ends = tonumber(redis.call('TIME')[1]), tonumber(ARGV[1])
        if now >= ends then return end
        local ttl = redis.call('TTL', KEYS[1])
        if ttl >= 0 and now + ttl < ends - 60 then redis.call('DEL', KEYS[1]) end
        for i = 3, #ARGV, 2 do
            local old = redis.call('ZSCORE', KEYS[1], ARGV[i + 1])
            if not old or tonumber(old) < tonumber(ARGV[i]) then redis.call('ZADD', KEYS[1], ARGV[i], ARGV[i + 1]) end
        end
        redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -1 - tonumber(ARGV[2]))
        redis.call('EXPIREAT', KEYS[1], ends)
        """;

    // A claim that is gone says that Redis lost its data meanwhile, and with them what was made so far.
    private const string Finish = """
        if redis.call('GET', KEYS[1]) == ARGV[1] then
            redis.call('SET', KEYS[2], ARGV[2])
            return redis.call('DEL', KEYS[1])
        end
        return 0
        """;

    private const string Release = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end";

    private readonly Lock gate = new();
    private Dictionary<Guid, long> totals = [];
    private Dictionary<(DateOnly Day, Guid ContentId), long> days = [];
    private volatile bool lost;
    private long? checkedAt;
    private long reportedAt;

    /// <summary>Takes what an apply has changed; never waits and never fails.</summary>
    public void Raise(CitusViewTotals update)
    {
        if (!connections.HasRedis)
            return;

        lock (gate)
        {
            foreach (var (contentId, total) in update.Totals)
                totals[contentId] = Math.Max(total, totals.GetValueOrDefault(contentId));

            foreach (var (day, contentId, views) in update.Days)
                days[(day, contentId)] = Math.Max(views, days.GetValueOrDefault((day, contentId)));

            if (totals.Count + days.Count > MaxWaiting)
                (totals, days, lost) = ([], [], true);
        }
    }

    /// <summary>Copies a title's row for an hour; not awaited, and a failure costs the copy only.</summary>
    public void CopyMetadata(ContentRow row)
    {
        if (!connections.HasRedis || connections.GetRedisAsync() is not { IsCompletedSuccessfully: true } redis)
            return;

        try
        {
            // Asynchronous, though nobody waits: the other form may wait for the connection's writer, in a grain's turn.
            _ = redis.Result.GetDatabase().StringSetAsync(
                $"content:metadata:{row.ContentId}", JsonSerializer.SerializeToUtf8Bytes(row, StreamingJson.Contract.ContentRow),
                MetadataLifetime, flags: CommandFlags.FireAndForget);
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    // Whatever the client throws, the copies are all that it concerns.
    protected override PeriodicLoop? CreateLoop() => connections.HasRedis
        ? loops.Create(new LoopSchedule("redis_copies", FlushInterval) { RoundTimeout = RoundTimeout }, CopyAsync, logger, (_, latest) => Report(latest))
        : null;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!connections.HasRedis)
            return;

        try
        {
            await FlushAsync(cancellationToken).WaitAsync(LastFlushTimeout, cancellationToken);
        }
        catch (Exception e)
        {
            Report(e);
        }
    }

    /// <summary>One round: sends what waits, and looks now and then whether Redis still has the rest.</summary>
    internal async Task CopyAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (checkedAt is { } at && time.GetElapsedTime(at) < CheckInterval)
            return;

        await RebuildIfLostAsync(cancellationToken);
        checkedAt = time.GetTimestamp();
    }

    /// <summary>Sends what waits in one pipeline; on failure it waits on.</summary>
    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        Dictionary<Guid, long> someTotals;
        Dictionary<(DateOnly Day, Guid ContentId), long> someDays;
        lock (gate)
        {
            (someTotals, someDays) = (totals, days);
            (totals, days) = ([], []);
        }

        if (someTotals.Count + someDays.Count == 0)
            return;

        try
        {
            await SendAsync(someTotals, someDays.Select(day => (day.Key.Day, day.Key.ContentId, day.Value)), cancellationToken);
        }
        catch
        {
            lock (gate)
            {
                foreach (var (contentId, total) in someTotals)
                    totals[contentId] = Math.Max(total, totals.GetValueOrDefault(contentId));

                foreach (var (day, views) in someDays)
                    days[day] = Math.Max(views, days.GetValueOrDefault(day));
            }

            throw;
        }
    }

    private async Task SendAsync(
        IEnumerable<KeyValuePair<Guid, long>> views, IEnumerable<(DateOnly Day, Guid ContentId, long Views)> trending, CancellationToken cancellationToken)
    {
        var batch = (await ConnectAsync(cancellationToken)).CreateBatch();
        var sent = new List<Task>();
        foreach (var (contentId, total) in views)
            sent.Add(batch.ScriptEvaluateAsync(RaiseTotal, [$"content:views:{contentId}"], [total]));

        foreach (var day in trending.GroupBy(title => title.Day))
        {
            var ends = new DateTimeOffset(day.Key.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeSeconds();
            foreach (var titles in day.Chunk(RowsPerRead))
            {
                RedisValue[] values = [ends, TrendingTitles, .. titles.SelectMany(title => (RedisValue[])[title.Views, title.ContentId.ToString()])];
                sent.Add(batch.ScriptEvaluateAsync(RaiseDay, [Trending], values));
            }
        }

        batch.Execute();
        await Task.WhenAll(sent).WaitAsync(Patience, cancellationToken);
    }

    private async Task<IDatabase> ConnectAsync(CancellationToken cancellationToken) =>
        (await connections.GetRedisAsync().WaitAsync(Patience, cancellationToken)).GetDatabase();

    private const string SelectTotals = "SELECT content_id, views FROM content_views WHERE content_id > $1 ORDER BY content_id LIMIT $2";

    private const string SelectDay = "SELECT content_id, views FROM trending_daily WHERE date = $1 AND views > 0 ORDER BY views DESC, content_id LIMIT $2";

    private async Task RebuildIfLostAsync(CancellationToken cancellationToken)
    {
        var database = await ConnectAsync(cancellationToken);
        if (lost)
        {
            // First: what overflows meanwhile sets it again.
            lost = false;
            try
            {
                // The claim too: another silo may have read the totals before those that were dropped here.
                await database.KeyDeleteAsync([Complete, Claim]).WaitAsync(Patience, cancellationToken);
            }
            catch
            {
                lost = true;
                throw;
            }
        }

        for (var attempt = 1; attempt <= RebuildAttempts; attempt++)
        {
            var claim = Guid.NewGuid().ToString();
            if (await database.KeyExistsAsync(Complete).WaitAsync(Patience, cancellationToken)
                || !await database.StringSetAsync(Claim, claim, ClaimLifetime, When.NotExists).WaitAsync(Patience, cancellationToken))
            {
                return;
            }

            try
            {
                if (await RebuildAsync(database, claim, cancellationToken))
                    return;
            }
            catch
            {
                await ReleaseAsync(database, claim);
                throw;
            }
        }
    }

    /// <summary>Nobody else could begin before the claim ends by itself. Never throws: what is told is why the rebuild failed.</summary>
    private static async Task ReleaseAsync(IDatabase database, string claim)
    {
        try
        {
            await database.ScriptEvaluateAsync(Release, [Claim], [claim], CommandFlags.FireAndForget).WaitAsync(Patience);
        }
        catch (Exception)
        {
            // Then it does.
        }
    }

    /// <summary>False when Redis lost its data meanwhile: it has what was sent after that, and nothing from before.</summary>
    private async Task<bool> RebuildAsync(IDatabase database, string claim, CancellationToken cancellationToken)
    {
        LogRebuilding(logger);
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        var top = await connections.Metadata.Command(SelectDay, Value(today), Value(TrendingTitles))
            .QueryAsync(r => (today, r.GetGuid(0), r.GetInt64(1)), cancellationToken);
        await SendAsync([], top, cancellationToken);
        List<KeyValuePair<Guid, long>> page;
        var after = Guid.Empty;
        do
        {
            page = await connections.Metadata.Command(SelectTotals, Value(after), Value(RowsPerRead))
                .QueryAsync(r => KeyValuePair.Create(r.GetGuid(0), r.GetInt64(1)), cancellationToken);
            await SendAsync(page, [], cancellationToken);
            if (!await database.KeyExpireAsync(Claim, ClaimLifetime).WaitAsync(Patience, cancellationToken))
                return false;

            after = page.Count > 0 ? page[^1].Key : after;
        }
        while (page.Count == RowsPerRead);

        return (long)await database.ScriptEvaluateAsync(Finish, [Claim, Complete], [claim, time.GetUtcNow().ToString("O")]).WaitAsync(Patience, cancellationToken) == 1;
    }

    /// <summary>At once, then at most once a minute: Redis may be away for long.</summary>
    private void Report(Exception e)
    {
        if (reportedAt != 0 && time.GetElapsedTime(reportedAt) < ReportInterval)
            return;

        reportedAt = time.GetTimestamp();
        LogAway(logger, e.GetType().Name);
    }

    [LoggerMessage(LogLevel.Warning, "The copies in Redis cannot be written ({Reason}); nothing but them is affected, and they are caught up later.")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "Redis holds no complete copies of the totals; this silo makes them.")]
    private static partial void LogRebuilding(ILogger logger);
}

using Npgsql;
using NpgsqlTypes;
using Streaming.Videos;
using Streaming.Viewing;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Storage.Servers;

/// <summary>On the master alone.</summary>
internal sealed class PostgresQuotaStore(ServerConnections connections) : IQuotaStore
{
    private const string Store = "The analytics database";

    internal const string SelectUsage = """
        SELECT l.storage_bytes, l.daily_upload_bytes, l.daily_download_bytes, l.videos, s.bytes, d.bytes,
               coalesce((SELECT downloaded_bytes FROM bandwidth_usage WHERE user_id = $1 AND day = $4), 0),
               s.charge, d.charge, s.videos,
               ARRAY(SELECT id FROM videos WHERE id = ANY ($5) AND user_id = $1 AND uploaded_at IS NOT NULL)
        FROM users u LEFT JOIN quota_limits l USING (user_id)
        CROSS JOIN (
            SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes, coalesce(sum(greatest(size_bytes, $6)), 0)::bigint AS charge, count(*)::int AS videos
            FROM videos WHERE user_id = $1 AND state = 'stored') s
        CROSS JOIN (
            SELECT coalesce(sum(size_bytes), 0)::bigint AS bytes, coalesce(sum(greatest(size_bytes, $6)), 0)::bigint AS charge
            FROM videos WHERE user_id = $1 AND uploaded_at >= $2 AND uploaded_at < $3) d
        WHERE u.user_id = $1
        """;

    public async Task<StoredUsage?> GetUsageAsync(
        Guid userId, DateOnly day, IReadOnlyCollection<Guid> uploads, CancellationToken cancellationToken)
    {
        var from = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero);
        var found = await connections.Analytics
            .Command(SelectUsage, Value(userId), Value(from), Value(from.AddDays(1)), Value(day), Value(uploads.ToArray()), Value(QuotaLimits.MinCharge))
            .ReadAsync(Store, ToUsage, cancellationToken);
        return found.SingleOrDefault();
    }

    private static StoredUsage ToUsage(NpgsqlDataReader r) => new(
        new QuotaOverrides(ToLimit(r, 0), ToLimit(r, 1), ToLimit(r, 2), r.IsDBNull(3) ? null : r.GetInt32(3)), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6),
        r.GetInt64(7), r.GetInt64(8), r.GetInt32(9), r.GetFieldValue<Guid[]>(10).ToHashSet());

    private static long? ToLimit(NpgsqlDataReader r, int column) => r.IsDBNull(column) ? null : r.GetInt64(column);

    // Locks the account, so that one that is just going is waited for and then not found.
    private const string UpsertLimits = """
        INSERT INTO quota_limits (user_id, storage_bytes, daily_upload_bytes, daily_download_bytes, videos)
        SELECT u.user_id, $2, $3, $4, $5 FROM (SELECT user_id FROM users WHERE user_id = $1 FOR KEY SHARE) u
        ON CONFLICT (user_id) DO UPDATE SET
            storage_bytes = excluded.storage_bytes,
            daily_upload_bytes = excluded.daily_upload_bytes,
            daily_download_bytes = excluded.daily_download_bytes,
            videos = excluded.videos
        """;

    public Task<bool> SetOverridesAsync(Guid userId, QuotaOverrides limits, CancellationToken cancellationToken) => PostgresErrors.WriteAsync(
        Store,
        async () => await connections.Analytics
            .Command(
                UpsertLimits, Value(userId), Limit(limits.StorageBytes), Limit(limits.DailyUploadBytes), Limit(limits.DailyDownloadBytes),
                limits.Videos is { } videos ? Value(videos) : Null(NpgsqlDbType.Integer))
            .ExecuteAsync(cancellationToken) > 0);

    private static NpgsqlParameter Limit(long? bytes) => bytes is { } limit ? Value(limit) : Null(NpgsqlDbType.Bigint);

    private const string SelectDownloads = """
        SELECT day, downloaded_bytes FROM bandwidth_usage WHERE user_id = $1 AND day > $2 ORDER BY day LIMIT $3
        """;

    public async Task<StorePage<DownloadedBytes>> ListDownloadsAsync(
        Guid userId, PageCursor? after, int limit, CancellationToken cancellationToken)
    {
        var rows = await connections.Analytics.Command(SelectDownloads, Value(userId), Value(Paging.Day(after)), Value(limit + 1)).ReadAsync(
            Store, r => ToDownload(userId, r), cancellationToken);
        return Paging.Page(rows, limit, (days, next) => new StorePage<DownloadedBytes>(days, next));
    }

    private static (DownloadedBytes Row, PageCursor Key) ToDownload(Guid userId, NpgsqlDataReader r)
    {
        var day = r.GetFieldValue<DateOnly>(0);
        return (new DownloadedBytes(userId, day, r.GetInt64(1)), Paging.Cursor(day));
    }
}

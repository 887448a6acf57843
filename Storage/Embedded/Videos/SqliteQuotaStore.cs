using System.Globalization;
using Microsoft.Data.Sqlite;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteQuotaStore(EmbeddedDatabase database) : IQuotaStore
{
    private const string DayFormat = "yyyy-MM-dd";

    internal const string SelectUsage = """
        SELECT l.storage_bytes, l.daily_upload_bytes, l.daily_download_bytes, l.videos, s.bytes, d.bytes,
               coalesce((SELECT downloaded_bytes FROM bandwidth_usage WHERE user_id = $user AND day = $day), 0),
               s.charge, d.charge, s.videos,
               (SELECT group_concat(hex(id), ',') FROM videos
                WHERE id IN (SELECT unhex(value) FROM json_each($uploads)) AND user_id = $user AND uploaded_at IS NOT NULL)
        FROM users u LEFT JOIN quota_limits l USING (user_id)
        CROSS JOIN (
            SELECT coalesce(sum(size_bytes), 0) AS bytes, coalesce(sum(max(size_bytes, $least)), 0) AS charge, count(*) AS videos
            FROM videos WHERE user_id = $user AND state = 'stored') s
        CROSS JOIN (
            SELECT coalesce(sum(size_bytes), 0) AS bytes, coalesce(sum(max(size_bytes, $least)), 0) AS charge
            FROM videos WHERE user_id = $user AND uploaded_at >= $from AND uploaded_at < $to) d
        WHERE u.user_id = $user
        """;

    public Task<StoredUsage?> GetUsageAsync(
        Guid userId, DateOnly day, IReadOnlyCollection<Guid> uploads, CancellationToken cancellationToken)
    {
        var from = new DateTimeOffset(day, TimeOnly.MinValue, TimeSpan.Zero).ToUnixTimeMilliseconds();
        return database.Analytics.ReadAsync(
            c => c.Query(
                ToUsage, SelectUsage,
                ("$user", userId.ToBlob()), ("$from", from), ("$to", from + (long)TimeSpan.FromDays(1).TotalMilliseconds), ("$day", ToText(day)),
                ("$uploads", uploads.ToJsonArray()), ("$least", QuotaLimits.MinCharge)).SingleOrDefault(),
            cancellationToken);
    }

    private static StoredUsage ToUsage(SqliteDataReader r) => new(
        new QuotaOverrides(ToLimit(r, 0), ToLimit(r, 1), ToLimit(r, 2), (int?)ToLimit(r, 3)), r.GetInt64(4), r.GetInt64(5), r.GetInt64(6), r.GetInt64(7),
        r.GetInt64(8), r.GetInt32(9),
        r.GetText(10)?.Split(',').Select(id => new Guid(Convert.FromHexString(id), bigEndian: true)).ToHashSet() ?? []);

    private static long? ToLimit(SqliteDataReader r, int column) => r.IsDBNull(column) ? null : r.GetInt64(column);

    private const string UpsertLimits = """
        INSERT INTO quota_limits (user_id, storage_bytes, daily_upload_bytes, daily_download_bytes, videos)
        SELECT user_id, $storage, $upload, $download, $videos FROM users WHERE user_id = $user
        ON CONFLICT DO UPDATE SET
            storage_bytes = excluded.storage_bytes,
            daily_upload_bytes = excluded.daily_upload_bytes,
            daily_download_bytes = excluded.daily_download_bytes,
            videos = excluded.videos
        """;

    public Task<bool> SetOverridesAsync(Guid userId, QuotaOverrides limits, CancellationToken cancellationToken) => database.Analytics.WriteAsync(
        c => c.Execute(
            UpsertLimits,
            ("$user", userId.ToBlob()), ("$storage", limits.StorageBytes), ("$upload", limits.DailyUploadBytes),
            ("$download", limits.DailyDownloadBytes), ("$videos", limits.Videos)) > 0,
        cancellationToken);

    private const string SelectDownloads = """
        SELECT day, downloaded_bytes FROM bandwidth_usage
        WHERE user_id = $user AND day > $after ORDER BY day LIMIT $limit + 1
        """;

    public Task<StorePage<DownloadedBytes>> ListDownloadsAsync(
        Guid userId, PageCursor? after, int limit, CancellationToken cancellationToken) => database.Analytics.ReadAsync(
        c => Paging.Page(
            c.Query(
                r => ToDownload(userId, r), SelectDownloads,
                ("$user", userId.ToBlob()), ("$after", ToText(Paging.Day(after))), ("$limit", limit)),
            limit,
            (days, next) => new StorePage<DownloadedBytes>(days, next)),
        cancellationToken);

    private static (DownloadedBytes Row, PageCursor Key) ToDownload(Guid userId, SqliteDataReader r)
    {
        var day = DateOnly.ParseExact(r.GetString(0), DayFormat, CultureInfo.InvariantCulture);
        return (new DownloadedBytes(userId, day, r.GetInt64(1)), Paging.Cursor(day));
    }

    public static string ToText(DateOnly day) => day.ToString(DayFormat, CultureInfo.InvariantCulture);
}

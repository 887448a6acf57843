using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Streaming.Audit;
using Streaming.Reviews;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Users;

/// <summary>Reads what is stored about a user, in pages of rows.</summary>
internal sealed class UserDataExport(
    IAccountStore accounts,
    ISessionStore sessions,
    IActivityStore activity,
    IReviewStore reviews,
    ILogStore logs,
    IVideoListStore videos,
    IQuotaStore quotas)
{
    private const int PageSize = 500;

    /// <summary>Null when there is no such account.</summary>
    public async Task<ExportPage?> ReadAsync(Guid userId, ExportPart part, PageCursor? after, CancellationToken cancellationToken)
    {
        if (await accounts.FindAsync(userId, cancellationToken) is not { } account)
            return null;

        var json = ExportJson.Contract;
        switch (part)
        {
            case ExportPart.Account:
                return Page([account], null, json.Account);
            case ExportPart.Sessions:
                return Page(await sessions.ListAsync(userId, IAccountGrain.MaxSessions, cancellationToken), null, json.SessionInfo);
            case ExportPart.WatchHistory:
                var watched = await activity.ListSessionsAsync(userId, PageSize, after, cancellationToken);
                return Page(watched.Rows, watched.Next, json.WatchedSession);
            case ExportPart.ResumePositions:
                var positions = await activity.ListResumePositionsAsync(userId, PageSize, after, cancellationToken);
                return Page(positions.Rows, positions.Next, json.ResumePosition);
            case ExportPart.Reviews:
                var written = await reviews.GetByUserAsync(userId, PageSize, after, cancellationToken);
                return Page(written.Reviews, written.Next, json.Review);
            case ExportPart.Logs:
                var logged = await logs.ListAsync(new LogFilter(userId), after, PageSize, cancellationToken);
                return Page(logged.Entries, logged.Next, json.LogEntry);
            case ExportPart.Videos:
                var uploaded = await videos.ListOfUserAsync(userId, after, PageSize, cancellationToken);
                return Page([.. uploaded.Videos.Select(ExportedVideo.Of)], uploaded.Next, json.ExportedVideo);
            case ExportPart.QuotaLimits:
                var usage = await quotas.GetUsageAsync(userId, DateOnly.MinValue, [], cancellationToken);
                return Page(usage is null || usage.Overrides == new QuotaOverrides() ? [] : [usage.Overrides], null, json.QuotaOverrides);
            case ExportPart.Downloads:
                var downloads = await quotas.ListDownloadsAsync(userId, after, PageSize, cancellationToken);
                return Page(downloads.Rows, downloads.Next, json.DownloadedBytes);
            default:
                throw new ArgumentOutOfRangeException(nameof(part), part, null);
        }
    }

    private static ExportPage Page<T>(IReadOnlyList<T> rows, PageCursor? next, JsonTypeInfo<T> type) =>
        new([.. rows.Select(row => JsonSerializer.SerializeToUtf8Bytes(row, type))], next);
}

internal sealed record ExportedVideo(
    Guid VideoId,
    string Title,
    string Format,
    long SizeBytes,
    DateTimeOffset UploadedAt,
    DateTimeOffset? DeletedAt,
    DateTimeOffset? RemovedAt,
    double? DurationSeconds,
    bool? Playable,
    string? Reason,
    string? Codec)
{
    public static ExportedVideo Of(Video video) => new(
        video.VideoId, video.Title, video.Format.Name(), video.Bytes, video.UploadedAt, video.DeletedAt, video.RemovedAt, video.DurationSeconds,
        video.Playable, video.Reason, video.Codec);
}

/// <summary>The JSON of an export, by the rules of <see cref="StreamingJson"/>.</summary>
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(SessionInfo))]
[JsonSerializable(typeof(WatchedSession))]
[JsonSerializable(typeof(ResumePosition))]
[JsonSerializable(typeof(Review))]
[JsonSerializable(typeof(LogEntry))]
[JsonSerializable(typeof(ExportedVideo))]
[JsonSerializable(typeof(QuotaOverrides))]
[JsonSerializable(typeof(DownloadedBytes))]
internal sealed partial class ExportJson : JsonSerializerContext
{
    public static ExportJson Contract { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new IsoDateConverter(), new JsonStringEnumConverter<AccountRole>(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

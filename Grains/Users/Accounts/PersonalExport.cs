using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Streaming.Audit;
using Streaming.Reviews;
using Streaming.Viewing;

namespace Streaming.Users;

/// <summary>Reads what is stored about a person, in pages of rows.</summary>
internal sealed class PersonalExport(
    IAccountStore accounts, ISessionStore sessions, IActivityStore activity, IReviewStore reviews, ILogStore logs)
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
            default:
                throw new ArgumentOutOfRangeException(nameof(part), part, null);
        }
    }

    private static ExportPage Page<T>(IReadOnlyList<T> rows, PageCursor? next, JsonTypeInfo<T> type) =>
        new([.. rows.Select(row => JsonSerializer.SerializeToUtf8Bytes(row, type))], next);
}

/// <summary>The JSON of an export, by the rules of <see cref="StreamingJson"/>.</summary>
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(SessionInfo))]
[JsonSerializable(typeof(WatchedSession))]
[JsonSerializable(typeof(ResumePosition))]
[JsonSerializable(typeof(Review))]
[JsonSerializable(typeof(LogEntry))]
internal sealed partial class ExportJson : JsonSerializerContext
{
    public static ExportJson Contract { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new IsoDateConverter(), new JsonStringEnumConverter<AccountRole>(JsonNamingPolicy.SnakeCaseLower) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}

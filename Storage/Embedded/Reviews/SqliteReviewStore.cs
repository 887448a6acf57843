using Microsoft.Data.Sqlite;
using Streaming.Reviews;

namespace Streaming.Storage.Embedded;

internal sealed class SqliteReviewStore(EmbeddedDatabase database, TimeProvider time) : IReviewStore
{
    private const string Columns = "review_id, content_id, user_id, rating, comment, is_spoiler, likes_count, created_at";

    private const string Upsert = $"""
        INSERT INTO reviews ({Columns}) VALUES ($id, $content, $user, $rating, $comment, $spoiler, 0, $now)
        ON CONFLICT (content_id, user_id) DO UPDATE SET
            rating = excluded.rating, comment = excluded.comment, is_spoiler = excluded.is_spoiler, created_at = excluded.created_at
        RETURNING {Columns}
        """;

    public Task<Review> UpsertAsync(Guid contentId, ReviewDraft draft, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return database.Reviews.WriteAsync(
            c => c.Query(
                ToReview, Upsert,
                ("$id", ReviewIds.New(now)), ("$content", contentId.ToBlob()), ("$user", draft.UserId.ToBlob()), ("$rating", draft.Rating),
                ("$comment", draft.Comment), ("$spoiler", draft.IsSpoiler), ("$now", now.ToUnixTimeMilliseconds())).Single(),
            cancellationToken);
    }

    private const string SelectNewest = $"""
        SELECT {Columns} FROM reviews WHERE content_id = $content AND ($sort IS NULL OR (created_at, review_id) < ($sort, $id))
        ORDER BY created_at DESC, review_id DESC LIMIT $limit + 1
        """;

    private const string SelectTop = $"""
        SELECT {Columns} FROM reviews WHERE content_id = $content AND ($sort IS NULL OR (likes_count, review_id) < ($sort, $id))
        ORDER BY likes_count DESC, review_id DESC LIMIT $limit + 1
        """;

    private const string SelectByRating = $"""
        SELECT {Columns} FROM reviews WHERE content_id = $content AND ($sort IS NULL OR (rating, review_id) < ($sort, $id))
        ORDER BY rating DESC, review_id DESC LIMIT $limit + 1
        """;

    public Task<ReviewPage> GetPageAsync(
        Guid contentId, ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var (sql, key) = sort switch
        {
            ReviewSort.Top => (SelectTop, (object?)after?.Sort),
            // A double's bits in the cursor, so that the comparison meets exactly the value that was stored.
            ReviewSort.Rating => (SelectByRating, RatingOf(after)),
            _ => (SelectNewest, after?.Sort),
        };
        return database.Reviews.ReadAsync(
            c => Paging.Page(
                c.Query(
                    reader => (Row: ToReview(reader), Key: CursorOf(ToReview(reader), sort)),
                    sql,
                    ("$content", contentId.ToBlob()), ("$sort", key),
                    ("$id", after is { } last ? ReviewIds.FromCursor(last.Id) : null), ("$limit", limit)),
                limit,
                (rows, next) => new ReviewPage(rows, next)),
            cancellationToken);
    }

    /// <summary>A forged cursor may hold what is no number: nothing comes after it.</summary>
    private static double? RatingOf(PageCursor? cursor)
    {
        double? rating = cursor is { } last ? BitConverter.Int64BitsToDouble(last.Sort) : null;
        return rating is double.NaN ? double.NegativeInfinity : rating;
    }

    private const string SelectByUser = $"""
        SELECT {Columns} FROM reviews WHERE user_id = $user AND ($id IS NULL OR review_id < $id)
        ORDER BY review_id DESC LIMIT $limit + 1
        """;

    public Task<ReviewPage> GetByUserAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken) =>
        database.Reviews.ReadAsync(
            c => Paging.Page(
                c.Query(
                    reader => (Row: ToReview(reader), Key: CursorOf(ToReview(reader), ReviewSort.Newest)),
                    SelectByUser,
                    ("$user", userId.ToBlob()), ("$id", after is { } last ? ReviewIds.FromCursor(last.Id) : null), ("$limit", limit)),
                limit,
                (rows, next) => new ReviewPage(rows, next)),
            cancellationToken);

    private const string Anonymise = """
        UPDATE reviews SET user_id = randomblob(16), comment = NULL
        WHERE review_id IN (SELECT review_id FROM reviews WHERE user_id = $user LIMIT $limit)
        """;

    public Task<int> AnonymiseAsync(Guid userId, int limit, CancellationToken cancellationToken) => database.Reviews.WriteAsync(
        c => c.Execute(Anonymise, ("$user", userId.ToBlob()), ("$limit", limit)), cancellationToken);

    private const string SelectTotals = "SELECT count(*), coalesce(sum(rating), 0.0) FROM reviews WHERE content_id = $content";

    public Task<RatingTotals> GetTotalsAsync(Guid contentId, CancellationToken cancellationToken) => database.Reviews.ReadAsync(
        c => c.Query(ToTotals, SelectTotals, ("$content", contentId.ToBlob())).Single(), cancellationToken);

    private const string SelectOverallTotals = "SELECT count(*), coalesce(sum(rating), 0.0) FROM reviews";

    public Task<RatingTotals> GetOverallTotalsAsync(CancellationToken cancellationToken) => database.Reviews.ReadAsync(
        c => c.Query(ToTotals, SelectOverallTotals).Single(), cancellationToken);

    private static RatingTotals ToTotals(SqliteDataReader reader) => new(reader.GetInt64(0), reader.GetDouble(1));

    private static PageCursor CursorOf(Review review, ReviewSort sort) => new(
        sort switch
        {
            ReviewSort.Top => review.LikesCount,
            ReviewSort.Rating => BitConverter.DoubleToInt64Bits(review.Rating),
            _ => review.CreatedAt.ToUnixTimeMilliseconds(),
        },
        ReviewIds.ToCursor(review.Id));

    private static Review ToReview(SqliteDataReader r) => new(
        Convert.ToHexStringLower(r.GetFieldValue<byte[]>(0)), r.GetId(1), r.GetId(2), r.GetDouble(3), r.GetText(4), r.GetBoolean(5),
        r.GetInt32(6), r.GetMoment(7), [], 0);
}

using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using Polly;
using Polly.CircuitBreaker;
using Streaming.Reviews;

namespace Streaming.Storage.Servers;

/// <summary>
/// Reviews in MongoDB, as the documents that other programs write and read there. Plain operators only, which every
/// compatible server has.
/// </summary>
internal sealed partial class MongoReviewStore : IReviewStore
{
    /// <summary>How long no call is tried after one that found the server away.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    // Below the socket's time-out, so that the server ends what is not waited for.
    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(4);

    private readonly IMongoCollection<BsonDocument> reviews;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly ResiliencePipeline breaker;
    private readonly ReviewIndexes indexes;

    public MongoReviewStore(IMongoDatabase database, TimeProvider time, ILogger<MongoReviewStore> logger)
    {
        reviews = database.GetCollection<BsonDocument>("reviews");
        this.time = time;
        this.logger = logger;
        breaker = CreateBreaker();
        indexes = new ReviewIndexes(reviews, time, logger);
    }

    public Task<Review> UpsertAsync(Guid contentId, ReviewDraft draft, CancellationToken cancellationToken)
    {
        var set = new BsonDocument
        {
            ["rating"] = draft.Rating,
            ["is_spoiler"] = draft.IsSpoiler,
            ["created_at"] = new BsonDateTime(time.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        var update = new BsonDocument
        {
            ["$set"] = set,
            ["$setOnInsert"] = new BsonDocument { ["likes_count"] = 0, ["replies"] = new BsonArray(), ["__v"] = 0 },
        };
        if (draft.Comment is { } comment)
            set["comment"] = comment;
        else
            update["$unset"] = new BsonDocument("comment", "");

        var key = new BsonDocument { ["content_id"] = contentId.ToString(), ["user_id"] = draft.UserId.ToString() };
        return TryAsync(
            async () =>
            {
                await indexes.WaitAsync(cancellationToken);
                try
                {
                    return await FindAndModifyAsync(key, update, cancellationToken);
                }
                catch (MongoCommandException e) when (MongoErrors.IsDuplicateKey(e))
                {
                    // Another first review of this user came between the server's look and its insert; now it is found.
                    return await FindAndModifyAsync(key, update, cancellationToken);
                }
            },
            MongoErrors.OfWrite,
            cancellationToken);
    }

    private async Task<Review> FindAndModifyAsync(BsonDocument key, BsonDocument update, CancellationToken cancellationToken) =>
        ToReview(await reviews.FindOneAndUpdateAsync<BsonDocument>(
            key,
            update,
            new FindOneAndUpdateOptions<BsonDocument> { IsUpsert = true, ReturnDocument = ReturnDocument.After, MaxTime = MaxTime },
            cancellationToken));

    public Task<ReviewPage> GetPageAsync(
        Guid contentId, ReviewSort sort, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var field = sort switch
        {
            ReviewSort.Top => "likes_count",
            ReviewSort.Rating => "rating",
            _ => "created_at",
        };
        var filter = new BsonDocument("content_id", contentId.ToString());
        if (after is { } last)
            filter["$or"] = After(field, sort, last);

        return FindAsync(
            filter, new BsonDocument { [field] = -1, ["_id"] = -1 }, limit, document => CursorOf(document, field, sort), cancellationToken);
    }

    public Task<ReviewPage> GetByUserAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken)
    {
        var filter = new BsonDocument("user_id", userId.ToString());
        if (after is { } last)
            filter["_id"] = new BsonDocument("$lt", new ObjectId(ReviewIds.FromCursor(last.Id)));

        return FindAsync(
            filter, new BsonDocument("_id", -1), limit, document => CursorOf(document, "created_at", ReviewSort.Newest), cancellationToken);
    }

    private Task<ReviewPage> FindAsync(
        BsonDocument filter, BsonDocument order, int limit, Func<BsonDocument, PageCursor> cursorOf, CancellationToken cancellationToken) => TryAsync(
        async () =>
        {
            _ = indexes.Start();
            var options = new FindOptions<BsonDocument> { Sort = order, Limit = limit + 1, BatchSize = limit + 1, MaxTime = MaxTime };
            using var cursor = await reviews.FindAsync(filter, options, cancellationToken);
            var documents = await cursor.ToListAsync(cancellationToken);
            return Paging.Page(
                [.. documents.Select(document => (ToReview(document), cursorOf(document)))], limit, (rows, next) => new ReviewPage(rows, next));
        },
        MongoErrors.OfRead,
        cancellationToken);

    public async Task<int> AnonymiseAsync(Guid userId, int limit, CancellationToken cancellationToken)
    {
        var page = await GetByUserAsync(userId, limit, null, cancellationToken);
        if (page.Reviews.IsEmpty)
            return 0;

        var changes = page.Reviews.Select(review => new UpdateOneModel<BsonDocument>(
            // Nobody else's meanwhile: another call may have been here first.
            new BsonDocument { ["_id"] = ObjectId.Parse(review.Id), ["user_id"] = userId.ToString() },
            new BsonDocument
            {
                ["$set"] = new BsonDocument("user_id", Guid.NewGuid().ToString()),
                ["$unset"] = new BsonDocument("comment", ""),
            }));
        return await TryAsync(
            async () => (int)(await reviews.BulkWriteAsync(changes, new BulkWriteOptions { IsOrdered = false }, cancellationToken)).MatchedCount,
            MongoErrors.OfWrite,
            cancellationToken);
    }

    public Task<RatingTotals> GetTotalsAsync(Guid contentId, CancellationToken cancellationToken) =>
        SumAsync([new BsonDocument("$match", new BsonDocument("content_id", contentId.ToString())), Totals], cancellationToken);

    public Task<RatingTotals> GetOverallTotalsAsync(CancellationToken cancellationToken) => SumAsync([Totals], cancellationToken);

    private static readonly BsonDocument Totals = new("$group", new BsonDocument
    {
        ["_id"] = BsonNull.Value,
        ["count"] = new BsonDocument("$sum", 1),
        ["sum"] = new BsonDocument("$sum", "$rating"),
    });

    private Task<RatingTotals> SumAsync(BsonDocument[] pipeline, CancellationToken cancellationToken) => TryAsync(
        async () =>
        {
            _ = indexes.Start();
            using var cursor = await reviews.AggregateAsync<BsonDocument>(
                pipeline, new AggregateOptions { MaxTime = MaxTime }, cancellationToken);
            return await cursor.FirstOrDefaultAsync(cancellationToken) is { } totals
                ? new RatingTotals(totals["count"].ToInt64(), totals["sum"].ToDouble())
                : new RatingTotals(0, 0);
        },
        MongoErrors.OfRead,
        cancellationToken);

    /// <summary>
    /// Lets calls to a server that is away fail at once: after a failure none is tried for a second, then one at a time, until one
    /// succeeds. Without it each call would wait for the driver's time-out.
    /// </summary>
    private ResiliencePipeline CreateBreaker()
    {
        var (state, isAway) = (new CircuitBreakerStateProvider(), false);
        return new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            FailureRatio = 0,
            MinimumThroughput = 2,
            BreakDuration = Pause,
            StateProvider = state,
            // What a caller has given up says nothing of the server, and must not close the circuit either.
            ShouldHandle = arguments => new(arguments.Outcome.Exception is { } e
                && (arguments.Context.CancellationToken.IsCancellationRequested ? state.CircuitState == CircuitState.HalfOpen : MongoErrors.IsAway(e))),
            OnOpened = arguments =>
            {
                // It opens again after each try; told once.
                if (!isAway)
                    LogAway(logger, arguments.Outcome.Exception!.GetType().Name);

                isAway = true;
                return default;
            },
            OnClosed = _ =>
            {
                isAway = false;
                LogBack(logger);
                return default;
            },
        }).Build();
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> call, Func<Exception, Exception> translate, CancellationToken cancellationToken)
    {
        try
        {
            return await breaker.ExecuteAsync(static async (call, _) => await call(), call, cancellationToken);
        }
        catch (BrokenCircuitException e)
        {
            throw new StoreUnavailableException("MongoDB did not answer a moment ago; it is tried again in a second.", e);
        }
        catch (Exception e) when (MongoErrors.IsFailure(e) && !cancellationToken.IsCancellationRequested)
        {
            if (MongoErrors.IsAway(e))
                await OpenAsync(e);

            throw translate(e);
        }
    }

    /// <summary>The strategy opens on the second failure at the earliest, so each counts twice.</summary>
    private async Task OpenAsync(Exception failure)
    {
        var context = ResilienceContextPool.Shared.Get(CancellationToken.None);
        await breaker.ExecuteOutcomeAsync(static (_, e) => ValueTask.FromResult(Polly.Outcome.FromException<bool>(e)), context, failure);
        ResilienceContextPool.Shared.Return(context);
        indexes.Forget();
    }

    /// <summary>
    /// What comes after the cursor's row in descending order. Where a document lacks the field it comes last, and no
    /// comparison meets it.
    /// </summary>
    private static BsonArray After(string field, ReviewSort sort, PageCursor cursor)
    {
        var olderId = new BsonDocument("$lt", new ObjectId(ReviewIds.FromCursor(cursor.Id)));
        if (cursor.Sort == Lacking)
            return [new BsonDocument { [field] = BsonNull.Value, ["_id"] = olderId }];

        BsonValue value = sort switch
        {
            ReviewSort.Top => cursor.Sort,
            // A double's bits in the cursor; a forged one may hold what is no number: nothing comes after it.
            ReviewSort.Rating => BitConverter.Int64BitsToDouble(cursor.Sort) is var rating and not double.NaN ? rating : double.NegativeInfinity,
            _ => new BsonDateTime(cursor.Sort),
        };
        return
        [
            new BsonDocument(field, new BsonDocument("$lt", value)),
            new BsonDocument { [field] = value, ["_id"] = olderId },
            new BsonDocument(field, BsonNull.Value),
        ];
    }

    private const long Lacking = long.MinValue;

    private static PageCursor CursorOf(BsonDocument document, string field, ReviewSort sort)
    {
        var key = document.GetValue(field, BsonNull.Value) switch
        {
            BsonDateTime moment => moment.MillisecondsSinceEpoch,
            { IsNumeric: true } number => sort == ReviewSort.Rating ? BitConverter.DoubleToInt64Bits(number.ToDouble()) : number.ToInt64(),
            _ => Lacking,
        };
        return new PageCursor(key, ReviewIds.ToCursor(document["_id"].AsObjectId.ToString()));
    }

    /// <summary>Other programs leave fields out, and have checked no ids: what is missing or of another type has its default.</summary>
    private static Review ToReview(BsonDocument document)
    {
        var id = document["_id"].AsObjectId;
        return new Review(
            id.ToString(),
            IdOf(document, "content_id"),
            IdOf(document, "user_id"),
            document.GetValue("rating", 0) is { IsNumeric: true } rating ? rating.ToDouble() : 0,
            document.GetValue("comment", BsonNull.Value) is BsonString comment ? comment.Value : null,
            document.GetValue("is_spoiler", false) is BsonBoolean { Value: true },
            NumberOf(document, "likes_count"),
            document.GetValue("created_at", BsonNull.Value) is BsonDateTime created
                ? DateTimeOffset.FromUnixTimeMilliseconds(created.MillisecondsSinceEpoch)
                : new DateTimeOffset(id.CreationTime),
            document.GetValue("replies", BsonNull.Value) is BsonArray replies
                ? [.. replies.OfType<BsonString>().Select(reply => reply.Value)]
                : ImmutableArray<string>.Empty,
            NumberOf(document, "__v"));
    }

    private static Guid IdOf(BsonDocument document, string field) =>
        document.GetValue(field, BsonNull.Value) is BsonString text && Guid.TryParse(text.Value, out var id) ? id : Guid.Empty;

    private static int NumberOf(BsonDocument document, string field) =>
        document.GetValue(field, 0) is { IsNumeric: true } number ? (int)number.ToDouble() : 0;

    [LoggerMessage(LogLevel.Warning, "MongoDB does not answer ({Reason}); reviews are missing until it does.")]
    private static partial void LogAway(ILogger logger, string reason);

    [LoggerMessage(LogLevel.Information, "MongoDB answers again.")]
    private static partial void LogBack(ILogger logger);
}

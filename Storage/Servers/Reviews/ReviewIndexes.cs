using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;

namespace Streaming.Storage.Servers;

/// <summary>
/// Makes the indexes of the reviews in the background at their first use: reads do not wait for them, writes for a
/// moment, since without the unique one two first reviews of one user could both stay.
/// </summary>
internal sealed partial class ReviewIndexes(IMongoCollection<BsonDocument> reviews, TimeProvider time, ILogger logger)
{
    private static readonly CreateIndexModel<BsonDocument>[] Models =
    [
        new(new BsonDocument { ["content_id"] = 1, ["user_id"] = 1 }, new CreateIndexOptions { Name = "reviews_one_a_person", Unique = true }),
        new(new BsonDocument { ["content_id"] = 1, ["created_at"] = -1, ["_id"] = -1 }, new CreateIndexOptions { Name = "reviews_newest" }),
        new(new BsonDocument { ["content_id"] = 1, ["likes_count"] = -1, ["_id"] = -1 }, new CreateIndexOptions { Name = "reviews_top" }),
        new(new BsonDocument { ["content_id"] = 1, ["rating"] = -1, ["_id"] = -1 }, new CreateIndexOptions { Name = "reviews_by_rating" }),
        new(new BsonDocument { ["user_id"] = 1, ["_id"] = -1 }, new CreateIndexOptions { Name = "reviews_of_a_person" }),
    ];

    private static readonly TimeSpan MaxRun = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private Task<bool>? run;
    private long startedAt;

    /// <summary>Starts to make them where that has not been done, or failed a minute ago.</summary>
    public Task<bool> Start()
    {
        lock (gate)
        {
            if (run is null || (run is { IsCompleted: true, Result: false } && time.GetElapsedTime(startedAt) >= RetryAfter))
            {
                startedAt = time.GetTimestamp();
                run = Task.Run(MakeAsync);
            }

            return run;
        }
    }

    /// <summary>Likewise, and waits a moment for them.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        var made = Start();
        if (made.IsCompleted)
            return;

        try
        {
            await made.WaitAsync(MaxWait, cancellationToken);
        }
        catch (TimeoutException)
        {
            // A large collection takes its time; the server goes on with it.
        }
    }

    /// <summary>The server was away: what comes back may be another, or an empty one.</summary>
    public void Forget()
    {
        lock (gate)
        {
            if (run is { IsCompleted: true })
                run = null;
        }
    }

    /// <summary>Each alone, so that one that cannot be made keeps none of the others away.</summary>
    private async Task<bool> MakeAsync()
    {
        using var giveUp = new CancellationTokenSource(MaxRun);
        var all = true;
        foreach (var model in Models)
        {
            try
            {
                await reviews.Indexes.CreateOneAsync(model, cancellationToken: giveUp.Token);
            }
            catch (MongoCommandException e)
            {
                LogRefused(logger, model.Options.Name, e);
                all = false;
            }
            catch (Exception e) when (e is MongoException or TimeoutException or OperationCanceledException or ObjectDisposedException)
            {
                LogFailed(logger, e.GetType().Name);
                return false;
            }
        }

        return all;
    }

    [LoggerMessage(LogLevel.Warning, "MongoDB refuses the index {Index} of the reviews. Where it is the unique one, remove the reviews that a person has twice for a title.")]
    private static partial void LogRefused(ILogger logger, string index, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The indexes of the reviews could not be made ({Reason}); this is tried again.")]
    private static partial void LogFailed(ILogger logger, string reason);
}

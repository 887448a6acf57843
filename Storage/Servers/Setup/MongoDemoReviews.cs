using System.Buffers.Binary;
using Microsoft.Extensions.Logging;
using MongoDB.Bson;
using MongoDB.Driver;
using Streaming.Storage.Demo;

namespace Streaming.Storage.Servers;

/// <summary>
/// Reviews, in the form of <see cref="MongoReviewStore"/>'s. Their ids come from their numbers, so those that an earlier
/// try left are met and kept, whether or not the server has the unique index.
/// </summary>
internal static class MongoDemoReviews
{
    private const int Batch = 1_000;
    private const uint FirstSecond = 1_717_200_000;

    /// <param name="absent">People who have no reviews.</param>
    public static async Task FillAsync(
        IMongoDatabase database, DemoData data, IReadOnlySet<Guid> absent, TimeProvider time, ILogger logger, CancellationToken cancellationToken)
    {
        var reviews = database.GetCollection<BsonDocument>("reviews");
        await new ReviewIndexes(reviews, time, logger).Start().WaitAsync(cancellationToken);
        foreach (var batch in data.Reviews().Where(review => !absent.Contains(review.UserId)).Chunk(Batch))
        {
            try
            {
                await reviews.InsertManyAsync(batch.Select(ToDocument), new InsertManyOptions { IsOrdered = false }, cancellationToken);
            }
            catch (MongoBulkWriteException<BsonDocument> e) when (e.WriteConcernError is null && e.WriteErrors.All(error => error.Category == ServerErrorCategory.DuplicateKey))
            {
                // All that was not there is there now.
            }
        }
    }

    private static BsonDocument ToDocument(DemoReview review) => new()
    {
        ["_id"] = IdOf(review.Number),
        ["content_id"] = review.ContentId.ToString(),
        ["user_id"] = review.UserId.ToString(),
        ["rating"] = (double)review.Rating,
        ["comment"] = review.Comment,
        ["is_spoiler"] = false,
        ["created_at"] = new BsonDateTime(review.CreatedAt.ToUnixTimeMilliseconds()),
        ["likes_count"] = 0,
        ["replies"] = new BsonArray(),
        ["__v"] = 0,
    };

    private static ObjectId IdOf(int number)
    {
        var id = new byte[12];
        BinaryPrimitives.WriteUInt32BigEndian(id, FirstSecond + (uint)number);
        "demo-"u8.CopyTo(id.AsSpan(4));
        (id[9], id[10], id[11]) = ((byte)(number >> 16), (byte)(number >> 8), (byte)number);
        return new ObjectId(id);
    }
}

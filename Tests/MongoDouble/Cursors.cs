using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>Answers that were too long for one batch; the rest waits here, a bounded number of them at a time.</summary>
internal sealed class Cursors
{
    private const int FirstBatch = 101;
    private const int MaxBatchBytes = 16 * 1024 * 1024;
    private const int MaxOpen = 1_000;

    private readonly Dictionary<long, Queue<BsonDocument>> open = [];
    private long lastId;

    public BsonDocument Start(string ns, IEnumerable<BsonDocument> documents, int? batchSize, bool single)
    {
        var rest = new Queue<BsonDocument>(documents);
        var batch = Take(rest, batchSize ?? FirstBatch);
        long id = 0;
        if (rest.Count > 0 && !single)
        {
            if (open.Count == MaxOpen)
                throw MongoError.BadValue($"The double of MongoDB holds {MaxOpen} open cursors at most.");

            open.Add(id = ++lastId, rest);
        }

        return Answer("firstBatch", ns, id, batch);
    }

    public BsonDocument Next(string ns, long id, int? batchSize)
    {
        if (!open.TryGetValue(id, out var rest))
            throw new MongoError(43, "CursorNotFound", $"cursor id {id} not found");

        var batch = Take(rest, batchSize ?? int.MaxValue);
        if (rest.Count > 0)
            return Answer("nextBatch", ns, id, batch);

        open.Remove(id);
        return Answer("nextBatch", ns, 0, batch);
    }

    public bool Kill(long id) => open.Remove(id);

    private static BsonArray Take(Queue<BsonDocument> rest, int count)
    {
        var batch = new BsonArray();
        for (var bytes = 0; batch.Count < count && rest.TryPeek(out var next); batch.Add(rest.Dequeue()))
        {
            bytes += next.ToBson().Length;
            if (bytes > MaxBatchBytes && batch.Count > 0)
                break;
        }

        return batch;
    }

    private static BsonDocument Answer(string name, string ns, long id, BsonArray batch) => new()
    {
        ["cursor"] = new BsonDocument { ["id"] = id, ["ns"] = ns, [name] = batch },
        ["ok"] = 1.0,
    };
}

using MongoDB.Bson;
using MongoDB.Bson.IO;
using MongoDB.Driver;
using StackExchange.Redis;
using Streaming.Storage.Servers;

namespace Streaming.Storage.Operations;

/// <summary>The reviews of the servers family as a file: a line of canonical extended JSON each, which loses no type.</summary>
public static class ReviewsFile
{
    private const string Collection = "reviews";
    private const int AtOnce = 1_000;

    private static readonly JsonWriterSettings Canonical = new() { OutputMode = JsonOutputMode.CanonicalExtendedJson };

    /// <returns>How many there are.</returns>
    /// <exception cref="StartupException">There is no file.</exception>
    public static async Task<long> ExportAsync(ConnectionOptions connections, string path, CancellationToken cancellationToken)
    {
        var database = ServerConnections.OpenMongo(connections.Mongo);
        using var client = database.Client;
        try
        {
            await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
            await using var writer = new StreamWriter(file);
            using var cursor = await database.GetCollection<BsonDocument>(Collection)
                .Find(FilterDefinition<BsonDocument>.Empty, new FindOptions { BatchSize = AtOnce }).Sort(Builders<BsonDocument>.Sort.Ascending("_id")).ToCursorAsync(cancellationToken);
            var count = 0L;
            while (await cursor.MoveNextAsync(cancellationToken))
            {
                foreach (var review in cursor.Current)
                {
                    await writer.WriteLineAsync(review.ToJson(Canonical).AsMemory(), cancellationToken);
                    count++;
                }
            }

            await writer.FlushAsync(cancellationToken);
            RandomAccess.FlushToDisk(file.SafeFileHandle);
            return count;
        }
        catch (Exception e) when (e is MongoException or TimeoutException or IOException or UnauthorizedAccessException)
        {
            throw Failed($"{path} was not written", e);
        }
    }

    /// <summary>Fills a collection that is empty, and has the copies in Redis made anew, which are of other databases.</summary>
    /// <exception cref="StartupException">Not all of it was done.</exception>
    public static async Task<long> ImportAsync(ConnectionOptions connections, string path, CancellationToken cancellationToken)
    {
        var database = ServerConnections.OpenMongo(connections.Mongo);
        using var client = database.Client;
        var reviews = database.GetCollection<BsonDocument>(Collection);
        try
        {
            if ((await reviews.Find(FilterDefinition<BsonDocument>.Empty).Limit(1).ToListAsync(cancellationToken)).Count > 0)
                throw new StartupException("The database of ConnectionStrings:Mongo has reviews, and nothing is written over. Name one that is empty.");

            var count = 0L;
            var batch = new List<BsonDocument>(AtOnce);
            await foreach (var line in File.ReadLinesAsync(path, cancellationToken))
            {
                batch.Add(BsonDocument.Parse(line));
                if (batch.Count == AtOnce)
                    count += await InsertAsync(reviews, batch, cancellationToken);
            }

            count += await InsertAsync(reviews, batch, cancellationToken);
            await ForgetCopiesAsync(connections.Redis);
            return count;
        }
        catch (Exception e) when (e is MongoException or TimeoutException or RedisException or IOException or UnauthorizedAccessException or FormatException)
        {
            throw Failed($"{path} was not restored", e);
        }
    }

    private static async Task<int> InsertAsync(IMongoCollection<BsonDocument> reviews, List<BsonDocument> batch, CancellationToken cancellationToken)
    {
        var count = batch.Count;
        if (count > 0)
            await reviews.InsertManyAsync(batch, cancellationToken: cancellationToken);

        batch.Clear();
        return count;
    }

    private static async Task ForgetCopiesAsync(string? redis)
    {
        if (string.IsNullOrEmpty(redis))
            return;

        var options = ServerConnections.ParseRedis(redis);
        options.AbortOnConnectFail = true;
        await using var open = await ConnectionMultiplexer.ConnectAsync(options);
        await open.GetDatabase().KeyDeleteAsync(RedisCopies.Complete);
    }

    private static StartupException Failed(string what, Exception e) => new(
        $"{what} ({(e is TimeoutException ? "no answer in time" : e.Message.ReplaceLineEndings(" ").TrimEnd('.'))}). Start the servers of ConnectionStrings:Mongo and :Redis, or see to the disk, and begin again with an empty database and a new file.", e);
}

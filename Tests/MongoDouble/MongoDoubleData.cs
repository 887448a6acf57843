using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>What a server holds; it outlives one that is stopped, so that a test can start another on it.</summary>
public sealed class MongoDoubleData
{
    private readonly Dictionary<string, Collection> collections = [];
    private readonly Lock gate = new();

    /// <summary>Runs one command at a time.</summary>
    internal BsonDocument Run(Func<BsonDocument> command)
    {
        lock (gate)
            return command();
    }

    /// <summary>The collection, made where it is missing.</summary>
    internal Collection Collection(string database, string name)
    {
        var ns = $"{database}.{name}";
        if (!collections.TryGetValue(ns, out var collection))
            collections.Add(ns, collection = new Collection(ns));

        return collection;
    }

    internal void Drop(string database)
    {
        foreach (var ns in collections.Keys.Where(ns => ns.StartsWith(database + ".", StringComparison.Ordinal)).ToList())
            collections.Remove(ns);
    }
}

using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>Documents by the first field of a key, and by the whole of it where it is unique.</summary>
internal sealed class CollectionIndex(string name, BsonDocument pattern, bool unique)
{
    private readonly string[] fields = [.. pattern.Names.Select(Filter.FieldName)];
    private readonly Dictionary<string, HashSet<BsonDocument>> byFirst = [];
    private readonly Dictionary<string, BsonDocument> byKey = [];

    public string Name => name;

    public BsonDocument Pattern => pattern;

    public bool Unique => unique;

    public string FirstField => fields[0];

    /// <summary>Whether the document may join, in the place of the one that it replaces.</summary>
    /// <exception cref="MongoError">Another one has its key.</exception>
    public void Check(string collection, BsonDocument document, BsonDocument? replaced)
    {
        var key = Key(document);
        if (unique && byKey.TryGetValue(key, out var holder) && !ReferenceEquals(holder, replaced))
            throw MongoError.DuplicateKey(collection, name, pattern, new BsonDocument(fields.Select(field => new BsonElement(field, Value(document, field)))));
    }

    public void Add(BsonDocument document)
    {
        var first = First(document);
        if (!byFirst.TryGetValue(first, out var sharing))
            byFirst.Add(first, sharing = new HashSet<BsonDocument>(ReferenceEqualityComparer.Instance));

        sharing.Add(document);
        if (unique)
            byKey.Add(Key(document), document);
    }

    public void Remove(BsonDocument document)
    {
        var first = First(document);
        byFirst[first].Remove(document);
        if (byFirst[first].Count == 0)
            byFirst.Remove(first);

        if (unique)
            byKey.Remove(Key(document));
    }

    public IReadOnlyCollection<BsonDocument> Find(BsonValue first) => byFirst.GetValueOrDefault(BsonOrder.KeyOf(first)) ?? [];

    private string First(BsonDocument document) => BsonOrder.KeyOf(Value(document, fields[0]));

    private string Key(BsonDocument document) => string.Join('|', fields.Select(field => BsonOrder.KeyOf(Value(document, field))));

    private static BsonValue Value(BsonDocument document, string field) => document.GetValue(field, BsonNull.Value);
}

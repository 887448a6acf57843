using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>One collection; its caller holds the server's lock. Stored documents are never changed, only replaced.</summary>
internal sealed class Collection(string ns)
{
    private const int MaxIndexes = 64;

    private readonly List<CollectionIndex> indexes = [new("_id_", new BsonDocument("_id", 1), unique: true)];
    private readonly HashSet<BsonDocument> documents = new(ReferenceEqualityComparer.Instance);

    public string Namespace => ns;

    public int IndexCount => indexes.Count;

    public IEnumerable<BsonDocument> Find(Filter filter)
    {
        IEnumerable<BsonDocument> candidates = documents;
        foreach (var index in indexes)
        {
            if (filter.Equalities.TryGetValue(index.FirstField, out var value) && index.Find(value) is var found && found.Count <= candidates.Count())
                candidates = found;
        }

        return candidates.Where(filter.Matches);
    }

    public List<BsonDocument> FindSorted(Filter filter, BsonDocument? sort)
    {
        var keys = (sort ?? []).Select(element => (Field: Filter.FieldName(element.Name), Direction: Direction(element.Value))).ToArray();
        var found = Find(filter).ToList();
        found.Sort((a, b) => keys
            .Select(key => key.Direction * BsonOrder.Compare(a.GetValue(key.Field, BsonNull.Value), b.GetValue(key.Field, BsonNull.Value)))
            .FirstOrDefault(order => order != 0));
        return found;
    }

    public BsonDocument Insert(BsonDocument document)
    {
        var stored = document.Contains("_id")
            ? (BsonDocument)document.DeepClone()
            : new BsonDocument("_id", ObjectId.GenerateNewId()).AddRange((BsonDocument)document.DeepClone());
        Check(stored, replaced: null);
        Add(stored);
        return stored;
    }

    public void Replace(BsonDocument old, BsonDocument changed)
    {
        Check(changed, replaced: old);
        Remove(old);
        Add(changed);
    }

    public void Remove(BsonDocument document)
    {
        foreach (var index in indexes)
            index.Remove(document);

        documents.Remove(document);
    }

    public void CreateIndex(string name, BsonDocument pattern, bool unique)
    {
        foreach (var direction in pattern)
            _ = Direction(direction.Value);

        if (indexes.Find(index => index.Name == name || index.Pattern == pattern) is { } existing)
        {
            if (existing.Name != name || existing.Pattern != pattern || existing.Unique != unique)
                throw new MongoError(86, "IndexKeySpecsConflict", $"An index with the name or the key of '{name}' exists already with other options.");

            return;
        }

        if (indexes.Count == MaxIndexes)
            throw new MongoError(67, "CannotCreateIndex", $"add index fails, too many indexes for {ns}");

        var made = new CollectionIndex(name, pattern, unique);
        foreach (var document in documents)
        {
            made.Check(ns, document, replaced: null);
            made.Add(document);
        }

        indexes.Add(made);
    }

    private static int Direction(BsonValue value) => value is { IsNumeric: true } && value.ToDouble() is 1 or -1
        ? (int)value.ToDouble()
        : throw MongoError.BadValue($"The double of MongoDB orders by 1 and -1 only, not by {value}.");

    private void Check(BsonDocument document, BsonDocument? replaced)
    {
        foreach (var index in indexes)
            index.Check(ns, document, replaced);
    }

    private void Add(BsonDocument document)
    {
        foreach (var index in indexes)
            index.Add(document);

        documents.Add(document);
    }
}

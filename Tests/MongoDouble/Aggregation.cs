using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary><c>$match</c> stages, then at most one <c>$group</c>.</summary>
internal sealed class Aggregation
{
    private readonly BsonDocument match = [];
    private readonly BsonDocument? group;

    public Aggregation(BsonArray pipeline)
    {
        var conditions = new BsonArray();
        foreach (var stage in pipeline.Select(stage => stage.AsBsonDocument.GetElement(0)))
        {
            switch (stage.Name)
            {
                case "$match" when group is null:
                    conditions.Add(stage.Value);
                    break;
                case "$group" when group is null:
                    group = stage.Value.AsBsonDocument;
                    break;
                case "$match" or "$group":
                    throw MongoError.BadValue($"The double of MongoDB takes no {stage.Name} after a $group.");
                default:
                    throw new MongoError(40324, "Location40324", $"Unrecognized pipeline stage name: '{stage.Name}'");
            }
        }

        if (conditions.Count > 0)
            match["$and"] = conditions;

        if (group is null)
            return;

        if (!group.Contains("_id"))
            throw new MongoError(15955, "Location15955", "a group specification must include an _id");

        foreach (var accumulator in group.Where(element => element.Name != "_id"))
            _ = Summand(accumulator);
    }

    public BsonDocument Match => match;

    public IEnumerable<BsonDocument> Run(IEnumerable<BsonDocument> documents)
    {
        if (group is null)
            return documents;

        var groups = new Dictionary<string, BsonDocument>();
        foreach (var document in documents)
        {
            var id = Value(document, group["_id"]);
            if (!groups.TryGetValue(BsonOrder.KeyOf(id), out var row))
                groups.Add(BsonOrder.KeyOf(id), row = Start(id));

            foreach (var sum in group.Where(element => element.Name != "_id"))
            {
                if (Value(document, Summand(sum)) is { IsNumeric: true } number)
                    row[sum.Name] = Sum.Add(row[sum.Name], number);
            }
        }

        return groups.Values;
    }

    private BsonDocument Start(BsonValue id)
    {
        var row = new BsonDocument("_id", id);
        foreach (var sum in group!.Where(element => element.Name != "_id"))
            row[sum.Name] = 0;

        return row;
    }

    private static BsonValue Summand(BsonElement accumulator) => accumulator.Value switch
    {
        BsonDocument { ElementCount: 1 } sum when sum.Contains("$sum") => sum["$sum"],
        BsonDocument { ElementCount: 1 } count when count.Contains("$count") => 1,
        _ => throw new MongoError(15952, "Location15952", $"unknown group operator in '{accumulator.Name}': the double of MongoDB has $sum and $count"),
    };

    private static BsonValue Value(BsonDocument document, BsonValue expression) => expression switch
    {
        BsonString { Value: ['$', .. var field] } => document.GetValue(Filter.FieldName(field), BsonNull.Value),
        BsonDocument or BsonArray => throw MongoError.BadValue("The double of MongoDB computes no expressions."),
        _ => expression,
    };
}

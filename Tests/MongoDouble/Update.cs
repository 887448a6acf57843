using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>An update's operators, checked whole before the first document is changed.</summary>
internal sealed class Update
{
    private readonly List<(string Operator, string Field, BsonValue Value)> changes = [];

    public Update(BsonValue update)
    {
        if (update is not BsonDocument { ElementCount: > 0 } operators || operators.Any(element => element.Name[0] != '$'))
            throw MongoError.BadValue("The double of MongoDB takes updates made of operators only.");

        foreach (var element in operators)
        {
            if (element.Name is not ("$set" or "$setOnInsert" or "$unset" or "$inc"))
                throw new MongoError(9, "FailedToParse", $"Unknown modifier: {element.Name}.");

            if (element.Value is not BsonDocument fields)
                throw new MongoError(9, "FailedToParse", $"Modifiers operate on fields but we found another type: {element.Name}.");

            foreach (var field in fields)
            {
                if (changes.Exists(change => change.Field == field.Name))
                    throw new MongoError(40, "ConflictingUpdateOperators", $"Updating the path '{field.Name}' would create a conflict at '{field.Name}'");

                changes.Add((element.Name, Filter.FieldName(field.Name), field.Value));
            }
        }
    }

    public BsonDocument Change(BsonDocument document)
    {
        var changed = (BsonDocument)document.DeepClone();
        foreach (var change in changes.Where(change => change.Operator != "$setOnInsert"))
            Apply(changed, change.Operator, change.Field, change.Value);

        return changed["_id"] == document["_id"]
            ? changed
            : throw new MongoError(66, "ImmutableField", "Performing an update on the path '_id' would modify the immutable field '_id'");
    }

    /// <summary>The document that an upsert inserts.</summary>
    public BsonDocument Insert(Filter filter)
    {
        var made = new BsonDocument(filter.Equalities.Select(equality => new BsonElement(equality.Key, equality.Value)));
        foreach (var (name, field, value) in changes)
            Apply(made, name, field, value);

        return made;
    }

    private static void Apply(BsonDocument document, string name, string field, BsonValue value)
    {
        switch (name)
        {
            case "$unset":
                document.Remove(field);
                break;
            case "$inc":
                document[field] = Sum.Add(Number(field, document.GetValue(field, 0)), Number(field, value));
                break;
            default:
                document[field] = value;
                break;
        }
    }

    private static BsonValue Number(string field, BsonValue value) => value.IsNumeric
        ? value
        : throw new MongoError(14, "TypeMismatch", $"Cannot increment with or to a value of type {value.BsonType} in '{field}'");
}

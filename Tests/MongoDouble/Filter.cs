using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>A query's conditions, checked whole before the first document is looked at.</summary>
internal sealed class Filter
{
    private readonly List<Func<BsonDocument, bool>> conditions = [];

    public Filter(BsonDocument query)
    {
        foreach (var (name, value) in query.Elements.Select(element => (element.Name, element.Value)))
        {
            switch (name)
            {
                case "$and":
                    conditions.AddRange(Parts(name, value).Select(part => (Func<BsonDocument, bool>)part.Matches));
                    foreach (var (field, equal) in Parts(name, value).SelectMany(part => part.Equalities))
                        Equalities[field] = equal;

                    break;
                case "$or":
                    var either = Parts(name, value);
                    conditions.Add(document => either.Exists(part => part.Matches(document)));
                    break;
                case ['$', ..]:
                    throw MongoError.BadValue($"unknown top level operator: {name}");
                default:
                    AddField(FieldName(name), value);
                    break;
            }
        }
    }

    /// <summary>Fields that must equal a value: an upsert takes them over, and indexes find by them.</summary>
    public Dictionary<string, BsonValue> Equalities { get; } = [];

    public bool Matches(BsonDocument document) => conditions.TrueForAll(condition => condition(document));

    /// <exception cref="MongoError">The name is a path, which the double does not follow.</exception>
    public static string FieldName(string name) => name.Length == 0 || name.Contains('.') || name[0] == '$'
        ? throw MongoError.BadValue($"The double of MongoDB takes no field '{name}', only names of the top level.")
        : name;

    private static List<Filter> Parts(string name, BsonValue value) => value is BsonArray { Count: > 0 } parts && parts.All(part => part is BsonDocument)
        ? [.. parts.Select(part => new Filter(part.AsBsonDocument))]
        : throw MongoError.BadValue($"{name} must be a nonempty array of documents");

    private void AddField(string field, BsonValue value)
    {
        if (value is not BsonDocument operators)
        {
            AddEquality(field, value);
            return;
        }

        if (operators.ElementCount == 0)
            throw MongoError.BadValue("The double of MongoDB compares no documents.");

        foreach (var element in operators)
            AddOperator(field, element.Name, element.Value);
    }

    private void AddOperator(string field, string name, BsonValue operand)
    {
        switch (name)
        {
            case "$eq":
                AddEquality(field, operand);
                break;
            case "$ne":
                _ = BsonOrder.Bracket(operand);
                conditions.Add(document => BsonOrder.Compare(Value(document, field), operand) != 0);
                break;
            case "$lt":
                AddComparison(field, operand, order => order < 0);
                break;
            case "$lte":
                AddComparison(field, operand, order => order <= 0);
                break;
            case "$gt":
                AddComparison(field, operand, order => order > 0);
                break;
            case "$gte":
                AddComparison(field, operand, order => order >= 0);
                break;
            case "$in" when operand is BsonArray values:
                foreach (var value in values)
                    _ = BsonOrder.Bracket(value);

                conditions.Add(document => Value(document, field) is var stored && values.Any(value => BsonOrder.Compare(stored, value) == 0));
                break;
            default:
                throw MongoError.BadValue($"unknown operator: {name}");
        }
    }

    private void AddEquality(string field, BsonValue value)
    {
        _ = BsonOrder.Bracket(value);
        Equalities[field] = value;
        conditions.Add(document => BsonOrder.Compare(Value(document, field), value) == 0);
    }

    private void AddComparison(string field, BsonValue operand, Func<int, bool> holds)
    {
        var bracket = BsonOrder.Bracket(operand);
        conditions.Add(document => Value(document, field) is var stored
            && BsonOrder.Bracket(stored) == bracket && !IsNaN(stored) && !IsNaN(operand) && holds(BsonOrder.Compare(stored, operand)));
    }

    // MongoDB's comparisons with what is no number are all false, but for equality.
    private static bool IsNaN(BsonValue value) => value is BsonDouble { Value: double.NaN };

    private static BsonValue Value(BsonDocument document, string field) => document.GetValue(field, BsonNull.Value);
}

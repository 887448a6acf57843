using System.Text;
using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>MongoDB's order of values, for the types that the double stores in fields it compares.</summary>
internal static class BsonOrder
{
    public static int Compare(BsonValue a, BsonValue b)
    {
        var byType = Bracket(a).CompareTo(Bracket(b));
        if (byType != 0)
            return byType;

        return (a, b) switch
        {
            (BsonInt32 or BsonInt64, BsonInt32 or BsonInt64) => a.ToInt64().CompareTo(b.ToInt64()),
            // A double holds each whole number up to 2^53, and CompareTo puts NaN first, as MongoDB does.
            ({ IsNumeric: true }, _) => a.ToDouble().CompareTo(b.ToDouble()),
            (BsonString x, BsonString y) => Encoding.UTF8.GetBytes(x.Value).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y.Value)),
            (BsonObjectId x, BsonObjectId y) => x.Value.CompareTo(y.Value),
            (BsonBoolean x, BsonBoolean y) => x.Value.CompareTo(y.Value),
            (BsonDateTime x, BsonDateTime y) => x.MillisecondsSinceEpoch.CompareTo(y.MillisecondsSinceEpoch),
            _ => 0,
        };
    }

    /// <summary>Types within which comparisons are made; values of two of them never meet a filter.</summary>
    public static int Bracket(BsonValue value) => value.BsonType switch
    {
        BsonType.Null => 1,
        BsonType.Int32 or BsonType.Int64 or BsonType.Double => 2,
        BsonType.String => 3,
        BsonType.ObjectId => 4,
        BsonType.Boolean => 5,
        BsonType.DateTime => 6,
        _ => throw MongoError.BadValue($"The double of MongoDB compares no {value.BsonType}."),
    };

    /// <summary>A text that two values share when they are equal.</summary>
    public static string KeyOf(BsonValue value) => Bracket(value) switch
    {
        2 => "n" + value.ToDouble().ToString("R", System.Globalization.CultureInfo.InvariantCulture),
        var bracket => $"{bracket}{value.ToString()!.Length}:{value}",
    };
}

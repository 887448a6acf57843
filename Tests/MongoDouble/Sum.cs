using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

internal static class Sum
{
    /// <summary>Whole numbers stay whole, and grow from 32 to 64 bits.</summary>
    public static BsonValue Add(BsonValue a, BsonValue b)
    {
        if (a is BsonDouble || b is BsonDouble)
            return a.ToDouble() + b.ToDouble();

        var sum = checked(a.ToInt64() + b.ToInt64());
        return a is BsonInt32 && b is BsonInt32 && sum is >= int.MinValue and <= int.MaxValue ? (int)sum : sum;
    }
}

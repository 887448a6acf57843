using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>An error as MongoDB answers it.</summary>
internal sealed class MongoError(int code, string codeName, string message, BsonDocument? details = null) : Exception(message)
{
    public int Code => code;

    /// <summary>The fields of a failed command's answer.</summary>
    public BsonDocument ToAnswer()
    {
        var answer = new BsonDocument { ["ok"] = 0.0, ["errmsg"] = Message, ["code"] = code, ["codeName"] = codeName };
        return details is null ? answer : answer.Merge(details);
    }

    /// <summary>The entry of one document in <c>writeErrors</c>.</summary>
    public BsonDocument ToWriteError(int index)
    {
        var error = new BsonDocument { ["index"] = index, ["code"] = code, ["errmsg"] = Message };
        return details is null ? error : error.Merge(details);
    }

    public static MongoError BadValue(string message) => new(2, "BadValue", message);

    public static MongoError UnknownCommand(string name) => new(59, "CommandNotFound", $"no such command: '{name}' (the double of MongoDB knows a dozen)");

    public static MongoError UnknownField(string command, string field) =>
        new(40415, "Location40415", $"BSON field '{command}.{field}' is an unknown field to the double of MongoDB.");

    public static MongoError DuplicateKey(string collection, string index, BsonDocument pattern, BsonDocument key) => new(
        11000,
        "DuplicateKey",
        $"E11000 duplicate key error collection: {collection} index: {index} dup key: {key}",
        new BsonDocument { ["keyPattern"] = pattern, ["keyValue"] = key });
}

using MongoDB.Bson;

namespace Streaming.Tests.MongoDouble;

/// <summary>The commands, each with the fields that it takes; an unknown one is an error, never ignored.</summary>
internal sealed class Commands(MongoDoubleData data)
{
    private const string Version = "7.0.0";

    private readonly Cursors cursors = new();

    public BsonDocument Run(BsonDocument command)
    {
        try
        {
            return data.Run(() => Dispatch(command));
        }
        catch (MongoError e)
        {
            return e.ToAnswer();
        }
        catch (Exception e) when (e is InvalidCastException or KeyNotFoundException or OverflowException or FormatException)
        {
            return MongoError.BadValue($"The double of MongoDB cannot read this command: {e.Message}").ToAnswer();
        }
    }

    private BsonDocument Dispatch(BsonDocument command)
    {
        if (command.ElementCount == 0)
            throw MongoError.BadValue("An empty document is no command.");

        switch (command.GetElement(0).Name)
        {
            case "hello" or "isMaster" or "ismaster":
                return Hello();
            case "ping" or "endSessions":
                return Ok();
            case "buildInfo" or "buildinfo":
                return new BsonDocument { ["version"] = Version, ["versionArray"] = new BsonArray { 7, 0, 0, 0 }, ["double"] = true, ["ok"] = 1.0 };
            case "find":
                return Find(Checked(command, "filter", "sort", "skip", "limit", "batchSize", "singleBatch"));
            case "getMore":
                Checked(command, "collection", "batchSize");
                return cursors.Next($"{Database(command)}.{command["collection"].AsString}", command["getMore"].ToInt64(), Number(command, "batchSize"));
            case "killCursors":
                return KillCursors(Checked(command, "cursors"));
            case "insert":
                return Insert(Checked(command, "documents", "ordered"));
            case "update":
                return Update(Checked(command, "updates", "ordered"));
            case "delete":
                return Delete(Checked(command, "deletes", "ordered"));
            case "findAndModify" or "findandmodify":
                return FindAndModify(Checked(command, "query", "sort", "update", "remove", "new", "upsert"));
            case "aggregate":
                return Aggregate(Checked(command, "pipeline", "cursor"));
            case "createIndexes":
                return CreateIndexes(Checked(command, "indexes"));
            case "dropDatabase":
                data.Drop(Database(Checked(command)));
                return Ok();
            case var unknown:
                throw MongoError.UnknownCommand(unknown);
        }
    }

    /// <summary>A server of its own, without sessions, transactions or compression.</summary>
    private static BsonDocument Hello() => new()
    {
        ["helloOk"] = true,
        ["isWritablePrimary"] = true,
        ["ismaster"] = true,
        ["double"] = true,
        ["maxBsonObjectSize"] = 16 * 1024 * 1024,
        ["maxMessageSizeBytes"] = Wire.MaxMessageSize,
        ["maxWriteBatchSize"] = 100_000,
        ["localTime"] = DateTime.UtcNow,
        ["minWireVersion"] = 0,
        ["maxWireVersion"] = 21,
        ["readOnly"] = false,
        ["ok"] = 1.0,
    };

    private BsonDocument Find(BsonDocument command)
    {
        var collection = CollectionOf(command);
        IEnumerable<BsonDocument> found = collection.FindSorted(FilterOf(command, "filter"), Document(command, "sort"));
        found = found.Skip(Number(command, "skip") ?? 0);
        if (Number(command, "limit") is { } limit and > 0)
            found = found.Take(limit);

        return cursors.Start(collection.Namespace, found, Number(command, "batchSize"), Flag(command, "singleBatch"));
    }

    private BsonDocument KillCursors(BsonDocument command)
    {
        var (killed, missing) = (new BsonArray(), new BsonArray());
        foreach (var id in command["cursors"].AsBsonArray)
            (cursors.Kill(id.ToInt64()) ? killed : missing).Add(id);

        return new BsonDocument
        {
            ["cursorsKilled"] = killed,
            ["cursorsNotFound"] = missing,
            ["cursorsAlive"] = new BsonArray(),
            ["cursorsUnknown"] = new BsonArray(),
            ["ok"] = 1.0,
        };
    }

    private BsonDocument Insert(BsonDocument command)
    {
        var collection = CollectionOf(command);
        return Each(command, "documents", (document, _) =>
        {
            collection.Insert(document);
            return 1;
        });
    }

    private BsonDocument Update(BsonDocument command)
    {
        var collection = CollectionOf(command);
        var (modified, upserted) = (0, new BsonArray());
        var answer = Each(command, "updates", (statement, index) =>
        {
            OnlyFields("update", statement, "q", "u", "multi", "upsert");
            var (filter, update) = (FilterOf(statement, "q"), new Update(statement["u"]));
            var found = collection.Find(filter).Take(Flag(statement, "multi") ? int.MaxValue : 1).ToList();
            foreach (var old in found)
            {
                var changed = update.Change(old);
                if (changed == old)
                    continue;

                collection.Replace(old, changed);
                modified++;
            }

            if (found.Count > 0 || !Flag(statement, "upsert"))
                return found.Count;

            upserted.Add(new BsonDocument { ["index"] = index, ["_id"] = collection.Insert(update.Insert(filter))["_id"] });
            return 1;
        });
        answer["nModified"] = modified;
        if (upserted.Count > 0)
            answer["upserted"] = upserted;

        return answer;
    }

    private BsonDocument Delete(BsonDocument command)
    {
        var collection = CollectionOf(command);
        return Each(command, "deletes", (statement, _) =>
        {
            OnlyFields("delete", statement, "q", "limit");
            var found = collection.Find(FilterOf(statement, "q")).Take(Number(statement, "limit") is 1 ? 1 : int.MaxValue).ToList();
            found.ForEach(collection.Remove);
            return found.Count;
        });
    }

    private BsonDocument FindAndModify(BsonDocument command)
    {
        var collection = CollectionOf(command);
        var filter = FilterOf(command, "query");
        var old = collection.FindSorted(filter, Document(command, "sort")).FirstOrDefault();
        var (value, result) = (old, new BsonDocument { ["n"] = 1 });
        if (Flag(command, "remove"))
        {
            result["n"] = old is null ? 0 : 1;
            if (old is not null)
                collection.Remove(old);
        }
        else
        {
            var update = new Update(command["update"]);
            result["updatedExisting"] = old is not null;
            if (old is not null)
            {
                value = update.Change(old);
                collection.Replace(old, value);
            }
            else if (Flag(command, "upsert"))
            {
                value = collection.Insert(update.Insert(filter));
                result["upserted"] = value["_id"];
            }
            else
            {
                result["n"] = 0;
            }

            value = Flag(command, "new") ? value : old;
        }

        return new BsonDocument { ["lastErrorObject"] = result, ["value"] = (BsonValue?)value ?? BsonNull.Value, ["ok"] = 1.0 };
    }

    private BsonDocument Aggregate(BsonDocument command)
    {
        var collection = CollectionOf(command);
        var aggregation = new Aggregation(command["pipeline"].AsBsonArray);
        var options = Document(command, "cursor") ?? throw new MongoError(9, "FailedToParse", "The 'cursor' option is required.");
        OnlyFields("aggregate.cursor", options, "batchSize");
        return cursors.Start(
            collection.Namespace, aggregation.Run(collection.Find(new Filter(aggregation.Match))), Number(options, "batchSize"), single: false);
    }

    private BsonDocument CreateIndexes(BsonDocument command)
    {
        var collection = CollectionOf(command);
        var before = collection.IndexCount;
        foreach (var index in command["indexes"].AsBsonArray.Select(index => index.AsBsonDocument))
        {
            OnlyFields("createIndexes.indexes", index, "key", "name", "unique", "background", "v");
            collection.CreateIndex(index["name"].AsString, index["key"].AsBsonDocument, Flag(index, "unique"));
        }

        return new BsonDocument { ["numIndexesBefore"] = before, ["numIndexesAfter"] = collection.IndexCount, ["ok"] = 1.0 };
    }

    /// <summary>Runs each statement of a write; one that fails is told with its index, and ends an ordered write.</summary>
    private static BsonDocument Each(BsonDocument command, string field, Func<BsonDocument, int, int> write)
    {
        var (n, errors, statements) = (0, new BsonArray(), command[field].AsBsonArray);
        for (var i = 0; i < statements.Count; i++)
        {
            try
            {
                n += write(statements[i].AsBsonDocument, i);
            }
            catch (MongoError e)
            {
                errors.Add(e.ToWriteError(i));
                if (!command.Contains("ordered") || Flag(command, "ordered"))
                    break;
            }
        }

        var answer = new BsonDocument { ["n"] = n, ["ok"] = 1.0 };
        if (errors.Count > 0)
            answer["writeErrors"] = errors;

        return answer;
    }

    private static BsonDocument Ok() => new("ok", 1.0);

    /// <summary>The command, when it holds nothing but the given fields and those that change no answer here.</summary>
    private static BsonDocument Checked(BsonDocument command, params string[] fields)
    {
        var name = command.GetElement(0).Name;
        OnlyFields(name, command, [name, .. fields, "$db", "$readPreference", "maxTimeMS", "comment", "writeConcern", "readConcern"]);
        return command;
    }

    private static void OnlyFields(string of, BsonDocument document, params string[] fields)
    {
        if (document.Names.FirstOrDefault(name => !fields.Contains(name)) is { } unknown)
            throw MongoError.UnknownField(of, unknown);
    }

    private Collection CollectionOf(BsonDocument command) => data.Collection(Database(command), command.GetElement(0).Value.AsString);

    private static string Database(BsonDocument command) => command["$db"].AsString;

    private static Filter FilterOf(BsonDocument command, string field) => new(Document(command, field) ?? []);

    private static BsonDocument? Document(BsonDocument command, string field) => command.Contains(field) ? command[field].AsBsonDocument : null;

    private static int? Number(BsonDocument command, string field) => command.Contains(field) ? checked((int)command[field].ToDouble()) : null;

    private static bool Flag(BsonDocument command, string field) => command.GetValue(field, false).ToBoolean();
}

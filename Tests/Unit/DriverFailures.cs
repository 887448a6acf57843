using System.Net;
using System.Net.Sockets;
using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using MongoDB.Driver;
using MongoDB.Driver.Core.Clusters;
using MongoDB.Driver.Core.Connections;
using MongoDB.Driver.Core.Servers;
using Npgsql;
using StackExchange.Redis;

namespace Streaming.Tests;

/// <summary>What the drivers and the runtime are known to throw when a server hangs, dies, or answers wrong.</summary>
internal static class DriverFailures
{
    private static readonly ConnectionId Mongo = new(new ServerId(new ClusterId(), new DnsEndPoint("localhost", 27017)));

    public static readonly IReadOnlyDictionary<string, Func<Exception>> All = new Dictionary<string, Func<Exception>>
    {
        ["cancelled task"] = () => new TaskCanceledException("A task was canceled."),
        ["cancelled operation"] = () => new OperationCanceledException("The operation was canceled.", new CancellationToken(canceled: true)),
        ["cancelled query"] = () => new OperationCanceledException("Query was cancelled", Postgres("57014"), new CancellationToken(canceled: true)),
        ["time-out"] = () => new TimeoutException("No answer."),
        ["disposed connection"] = () => new ObjectDisposedException("NpgsqlConnection"),
        ["completed reader"] = () => new InvalidOperationException("Reading is not allowed after reader was completed."),
        ["file"] = () => new IOException("Unable to read data from the transport connection."),
        ["end of stream"] = () => new EndOfStreamException("Attempted to read past the end of the stream."),
        ["socket"] = () => new SocketException((int)SocketError.ConnectionReset),
        ["several"] = () => new AggregateException(new TaskCanceledException(), new IOException()),
        ["PostgreSQL shuts down"] = () => Postgres("57P01"),
        ["PostgreSQL is read-only"] = () => Postgres("25006"),
        ["PostgreSQL answers nothing"] = () => new NpgsqlException("Exception while reading from stream", new TimeoutException("Timeout during reading attempt")),
        ["PostgreSQL pool is empty"] = () => new NpgsqlException("The connection pool has been exhausted"),
        ["SQLite is busy"] = () => new SqliteException("database is locked", 5),
        ["SQLite disk"] = () => new SqliteException("disk I/O error", 10),
        ["MongoDB connection"] = () => new MongoConnectionException(Mongo, "An exception occurred while receiving a message.", new EndOfStreamException()),
        ["MongoDB connection is closed"] = () => new MongoConnectionClosedException(Mongo),
        ["MongoDB execution time"] = () => new MongoExecutionTimeoutException(Mongo, "operation exceeded time limit"),
        ["MongoDB is not the primary"] = () => new MongoNotPrimaryException(Mongo, [], new MongoDB.Bson.BsonDocument("code", 10107)),
        ["MongoDB pool is paused"] = () => Made<MongoConnectionPoolPausedException>(),
        ["MongoDB wait queue"] = () => Made<MongoWaitQueueFullException>(),
        ["Redis connection"] = () => new RedisConnectionException(ConnectionFailureType.SocketFailure, "No connection is active."),
        ["Redis time-out"] = () => new RedisTimeoutException("Timeout awaiting response", CommandStatus.Sent),
        ["Redis server"] = () => new RedisServerException("OOM command not allowed when used memory > 'maxmemory'."),
        ["Redis command"] = () => new RedisCommandException("This operation is not possible."),
        ["rejected call"] = () => Made<OrleansMessageRejectionException>(),
        ["silo is gone"] = () => new SiloUnavailableException("The silo is gone."),
        ["ledger is gone"] = () => new Streaming.Viewing.LedgerGoneException("The ledger is gone."),
        ["store is away"] = () => new StoreUnavailableException("The store cannot be read now.", new TimeoutException()),
        ["store refuses"] = () => new StoreRefusedException("The disk is full."),
    };

    private static PostgresException Postgres(string state) => new("the server says no", "FATAL", "FATAL", state);

    /// <summary>Of a type without a constructor for us.</summary>
    private static Exception Made<T>()
        where T : Exception
    {
        var made = (Exception)RuntimeHelpers.GetUninitializedObject(typeof(T));
        typeof(Exception).GetField("_message", BindingFlags.Instance | BindingFlags.NonPublic)!.SetValue(made, typeof(T).Name);
        return made;
    }
}

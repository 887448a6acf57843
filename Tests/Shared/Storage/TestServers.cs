using MongoDB.Driver;
using Npgsql;
using StackExchange.Redis;
using Streaming.Storage;

namespace Streaming.Tests.Storage;

/// <summary>
/// The servers that the environment names for tests, as <c>eng/servers env</c> prints them. A test that asks for one
/// that is missing is skipped on a laptop and fails in continuous integration. Tests empty these databases, so only
/// names with "test" in them are taken.
/// </summary>
internal static class TestServers
{
    private const string HowTo = """set it, or run: eng/servers up; eval "$(eng/servers env test)".""";

    /// <summary>Citus, or a plain PostgreSQL: catalogue, view journal and totals.</summary>
    public static string Metadata => Postgres("STREAMING_TEST_METADATA");

    public static string Analytics => Postgres("STREAMING_TEST_ANALYTICS");

    public static string Replica => Postgres("STREAMING_TEST_REPLICA");

    public static string Orleans => Postgres("STREAMING_TEST_ORLEANS");

    public static string Mongo => Read("STREAMING_TEST_MONGODB", s => MongoUrl.Create(s).DatabaseName);

    public static string Redis
    {
        get
        {
            const string name = "STREAMING_TEST_REDIS";
            var value = Require(name);
            if (ConfigurationOptions.Parse(value).DefaultDatabase is null or 0)
                throw new InvalidOperationException($"{name} must name a database of the tests' own (defaultDatabase=15): tests empty it.");

            return value;
        }
    }

    public static bool HasMongo => Has("STREAMING_TEST_MONGODB");

    /// <summary>What the programs and stores are configured with.</summary>
    public static ConnectionOptions Connections => new()
    {
        Metadata = Metadata,
        Analytics = Analytics,
        AnalyticsReplica = Replica,
        Orleans = Orleans,
        Mongo = Mongo,
        Redis = Redis,
    };

    /// <summary>The same, as settings of a program that a test starts.</summary>
    public static IEnumerable<(string Key, string Value)> Settings =>
    [
        ("Storage:Family", nameof(StorageFamily.Servers)),
        ("ConnectionStrings:Metadata", Metadata),
        ("ConnectionStrings:Analytics", Analytics),
        ("ConnectionStrings:AnalyticsReplica", Replica),
        ("ConnectionStrings:Orleans", Orleans),
        ("ConnectionStrings:Mongo", Mongo),
        ("ConnectionStrings:Redis", Redis),
    ];

    private static string Postgres(string name) => Read(name, s => new NpgsqlConnectionStringBuilder(s).Database);

    private static string Read(string name, Func<string, string?> database)
    {
        var value = Require(name);
        if (database(value)?.Contains("test", StringComparison.OrdinalIgnoreCase) != true)
            throw new InvalidOperationException($"{name} must name a database with \"test\" in its name: tests empty it.");

        return value;
    }

    private static string Require(string name)
    {
        if (Has(name))
            return Environment.GetEnvironmentVariable(name)!;

        var reason = $"{name} is not set: {HowTo}";
        if (string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.OrdinalIgnoreCase))
            Assert.Fail(reason);

        Assert.Skip(reason);
        return null;
    }

    private static bool Has(string name) => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name));
}

using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Streaming.Storage.Migrations;
using Streaming.Storage.Servers;

namespace Streaming.Tests.Storage;

[Collection(ServersTests.Name)]
public sealed partial class OrleansSchemaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>A package of a newer version that asks for one key more fails here, not in production.</summary>
    [Theory]
    [InlineData("Orleans.Clustering.AdoNet", 9)]
    [InlineData("Orleans.Persistence.AdoNet", 4)]
    [InlineData("Orleans.Reminders.AdoNet", 7)]
    public async Task Every_query_that_a_package_asks_for_is_there(string package, int atLeast)
    {
        var asked = KeysOf(Assembly.Load(package));
        Assert.True(asked.Count >= atLeast, $"{package} asks for {string.Join(", ", asked)} only: does it still say so in this way?");

        Assert.Empty(asked.Except(await ReadKeysAsync()));
    }

    /// <summary>Clustering and reminders check one class's properties at their start, persistence selects by names in a constant.</summary>
    private static HashSet<string> KeysOf(Assembly package)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
        var properties = package.GetTypes().Where(type => type.Name == "DbStoredQueries")
            .SelectMany(type => type.GetProperties(all)).Select(property => property.Name);
        var constants = package.GetTypes().SelectMany(type => type.GetFields(all))
            .Where(field => field is { IsLiteral: true } && field.FieldType == typeof(string))
            .SelectMany(field => KeyName.Matches((string)field.GetRawConstantValue()!)).Select(match => match.Groups[1].Value);
        return [.. properties, .. constants];
    }

    private static async Task<HashSet<string>> ReadKeysAsync()
    {
        await using (var database = await PostgresMigratedDatabase.OpenAsync("Orleans", TestServers.Orleans, TimeSpan.Zero, NullLogger.Instance, Cancel))
            await Migrator.MigrateAsync(database, MigrationScript.In("orleans"), Cancel);

        await using var connections = NpgsqlDataSource.Create(TestServers.Orleans);
        await using var command = connections.CreateCommand("SELECT QueryKey FROM OrleansQuery");
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        return [.. await reader.ReadAllAsync(row => row.GetString(0), Cancel)];
    }

    [GeneratedRegex(@"QueryKey = '(\w+)'")]
    private static partial Regex KeyName { get; }
}

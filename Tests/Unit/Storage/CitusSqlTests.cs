using System.Reflection;
using System.Text.RegularExpressions;
using Streaming.Storage.Migrations;
using Streaming.Storage.Servers;

namespace Streaming.Tests.Storage;

/// <summary>What a Citus refuses and a plain PostgreSQL takes, found without one.</summary>
public sealed partial class CitusSqlTests
{
    [Fact]
    public void Changes_of_distributed_tables_use_nothing_that_depends_on_the_session()
    {
        string[] tables = [.. MigrationScript.In("citus").SelectMany(script => CreatedTable().Matches(script.Text)).Select(match => match.Groups[1].Value)];
        var changes = typeof(CitusContentStore).Assembly.GetTypes()
            .Where(type => type.Namespace == typeof(CitusContentStore).Namespace)
            .SelectMany(type => type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Where(field => field is { IsLiteral: true } && field.FieldType == typeof(string))
            .Select(field => (Name: $"{field.DeclaringType!.Name}.{field.Name}", Sql: (string)field.GetRawConstantValue()!))
            .Where(constant => Change().Match(constant.Sql) is { Success: true } change && tables.Contains(change.Groups[1].Value))
            .ToList();

        Assert.Contains(changes, change => change.Sql.StartsWith("UPDATE ledger_writers", StringComparison.Ordinal));
        Assert.All(changes, change => Assert.False(DependsOnSession().IsMatch(OnShards(change.Sql)), $"{change.Name} is refused by Citus (0A000): {change.Sql}"));
    }

    /// <summary>What shards evaluate: of an INSERT, whose values the coordinator evaluates, only what it does with a row that is there.</summary>
    private static string OnShards(string sql) =>
        !sql.StartsWith("INSERT", StringComparison.Ordinal) ? sql
        : sql.IndexOf("ON CONFLICT", StringComparison.Ordinal) is var conflict and >= 0 ? sql[conflict..]
        : "";

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex CreatedTable();

    [GeneratedRegex(@"^\s*(?:UPDATE|DELETE FROM|INSERT INTO)\s+(\w+)")]
    private static partial Regex Change();

    /// <summary>STABLE and VOLATILE functions that are likely there, and arithmetic of moments and intervals.</summary>
    [GeneratedRegex(
        @"\b(now|\w+_timestamp|timeofday|random|gen_random_uuid|nextval|age|date_trunc|date_part|extract|to_char)\s*\(|\b(current_\w+|localtime\w*|interval)\b|_at\s*[+-]",
        RegexOptions.IgnoreCase)]
    private static partial Regex DependsOnSession();
}

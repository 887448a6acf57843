using Npgsql;
using Streaming.Storage.Servers;
using Streaming.Tests.Storage;
using Streaming.Videos;
using static Streaming.Storage.Servers.PostgresCommands;

namespace Streaming.Tests.Videos;

/// <summary>What is asked often, or of many rows, can be read from an index. Where the tables are empty, reading them whole is made dear.</summary>
[Collection(ServersTests.Name)]
public sealed class PostgresVideoPlanTests() : StoreContract(new ServersFixture())
{
    private static readonly Guid Somebody = new("5f1b1b0e-0000-4000-8000-000000000001");
    private static readonly DateTimeOffset Moment = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);

    // What is kept of the gone that is being removed must not be in the way of what is not yet.
    private const string FillRemoving = """
        INSERT INTO videos (id, state, due_at) SELECT gen_random_uuid(), 'removing', now() + i * interval '1 second' FROM generate_series(1, 5000) i
        """;

    [Fact]
    public Task Due_rows_come_from_their_indexes() => AssertPlanAsync(
        PostgresVideoRemovalStore.TakeDue, [Value(Moment), Value(Moment), Value(10)], [FillRemoving, "ANALYZE videos"], "videos_due", "videos_of_nobody");

    [Fact]
    public async Task Lists_and_their_totals_come_from_their_indexes()
    {
        await AssertPlanAsync(PostgresVideoListStore.SelectCounted(null), [Value(10), Value(0)], "videos_newest");
        await AssertPlanAsync(PostgresVideoListStore.SelectPage(null), [Value(Moment), Value(Somebody), Value(10)], "videos_newest");
        await AssertPlanAsync(PostgresVideoListStore.SelectCounted(Somebody), [Value(10), Value(0), Value(Somebody)], "videos_newest_of_user");
        await AssertPlanAsync(
            PostgresVideoListStore.SelectPage(Somebody), [Value(Moment), Value(Somebody), Value(10), Value(Somebody)], "videos_newest_of_user");
        await AssertPlanAsync(
            PostgresVideoListStore.SelectDeleted, [Value(Moment), Value(Somebody), Value(10), Value(Somebody), Value(Moment)], "videos_deleted_of_user");
        await AssertPlanAsync(
            PostgresVideoListStore.SelectOfUser, [Value(Moment), Value(Somebody), Value(10), Value(Somebody)], "videos_of_user");
    }

    [Fact]
    public async Task All_of_a_person_comes_from_indexes()
    {
        await AssertPlanAsync(PostgresVideoRemovalStore.TakeOfUser, [Value(Somebody), Value(Moment), Value(10)], "videos_of_user");
        await AssertPlanAsync(
            PostgresQuotaStore.SelectUsage,
            [Value(Somebody), Value(Moment), Value(Moment), Value(new DateOnly(2026, 3, 14)), Value(Array.Empty<Guid>()), Value(QuotaLimits.MinCharge)],
            "videos_newest_of_user", "videos_of_user");
    }

    private static Task AssertPlanAsync(string statement, NpgsqlParameter[] parameters, params string[] indexes) =>
        AssertPlanAsync(statement, parameters, ["SET LOCAL enable_seqscan = off"], indexes);

    private static async Task AssertPlanAsync(string statement, NpgsqlParameter[] parameters, string[] before, params string[] indexes)
    {
        await using var connection = await ServersFixture.Connections.Analytics.OpenConnectionAsync(Cancel);
        await using var transaction = await connection.BeginTransactionAsync(Cancel);
        foreach (var step in before)
            await connection.Command(step).ExecuteAsync(Cancel);

        var plan = await connection.Command($"EXPLAIN {statement}", parameters).QueryAsync(reader => reader.GetString(0), Cancel);

        Assert.All(indexes, index => Assert.Contains(plan, line => $"{line} ".Contains($" {index} ", StringComparison.Ordinal)));
        Assert.DoesNotContain(plan, line => line.Contains("Seq Scan on videos", StringComparison.Ordinal));
    }
}

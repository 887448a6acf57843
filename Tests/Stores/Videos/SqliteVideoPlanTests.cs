using Streaming.Storage.Embedded;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Videos;

/// <summary>What is asked often, or of many rows, is read from an index in its order.</summary>
public sealed class SqliteVideoPlanTests() : StoreContract(new EmbeddedFixture())
{
    private static readonly Guid Somebody = new("5f1b1b0e-0000-4000-8000-000000000001");

    public static TheoryData<string, string> Statements => new()
    {
        { SqliteVideoRemovalStore.SelectDue, "videos_due" },
        { SqliteVideoRemovalStore.SelectOfNobody, "videos_of_nobody" },
        { SqliteVideoRemovalStore.TakeOfUser, "videos_of_user" },
        { SqliteVideoListStore.SelectTotal(null), "videos_newest" },
        { SqliteVideoListStore.SelectFrom(null), "videos_newest" },
        { SqliteVideoListStore.SelectPage(null), "videos_newest" },
        { SqliteVideoListStore.SelectTotal(Somebody), "videos_newest_of_user" },
        { SqliteVideoListStore.SelectFrom(Somebody), "videos_newest_of_user" },
        { SqliteVideoListStore.SelectPage(Somebody), "videos_newest_of_user" },
        { SqliteVideoListStore.SelectDeleted, "videos_deleted_of_user" },
        { SqliteVideoListStore.SelectOfUser, "videos_of_user" },
        { SqliteQuotaStore.SelectUsage, "videos_newest_of_user" },
        { SqliteQuotaStore.SelectUsage, "videos_of_user" },
        { SqliteVideoInspectionStore.SelectWaiting, "videos_to_inspect" },
    };

    [Theory]
    [MemberData(nameof(Statements))]
    public async Task Rows_come_from_an_index_in_its_order(string statement, string index)
    {
        string[] names = ["$user", "$at", "$id", "$limit", "$skip", "$now", "$from", "$to", "$day", "$uploads", "$least"];
        var plan = await ((EmbeddedFixture)Fixture).Database.Analytics.ReadAsync(
            c => c.Query(
                r => r.GetString(3), $"EXPLAIN QUERY PLAN {statement}", [.. names.Select(name => (name, (object?)null))]),
            Cancel);

        Assert.Contains(plan, step => $"{step} ".Contains($"INDEX {index} ", StringComparison.Ordinal));
        Assert.DoesNotContain(plan, step => step == "SCAN videos" || step.Contains("TEMP B-TREE", StringComparison.Ordinal));
    }
}

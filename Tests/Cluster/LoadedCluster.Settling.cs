using System.Net;
using Npgsql;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Processes;

/// <summary>What must hold when the load has ended.</summary>
internal sealed partial class LoadedCluster
{
    /// <summary>Ends the load, and finds everything as it must be.</summary>
    public async Task SettleAsync()
    {
        await Visitors.StopAsync();
        await Load.StopAsync();
        Say($"{Load.Tally.Requests} requests acknowledged, {Load.Repeated} answers lost and asked for again, {Load.Tally.Doubtful} views without a key in doubt; {Visitors.Summary}.");
        Assert.Empty(Load.Surprises);
        Assert.Empty(Visitors.Surprises);

        await Poll.UntilAsync(FindUnsettledAsync, seconds: 60);
        foreach (var title in Titles)
            await UntilShownAsync(title, await TotalAsync(title));
    }

    /// <summary>Waits until the copies in Redis are those of the totals.</summary>
    public async Task CopiesEqualTotalsAsync()
    {
        var redis = (await ServersFixture.Connections.GetRedisAsync()).GetDatabase();
        await Poll.UntilAsync(
            async () =>
            {
                foreach (var title in Titles)
                {
                    var (copy, total) = ((long?)await redis.StringGetAsync($"content:views:{title}") ?? 0, await TotalAsync(title));
                    if (copy != total)
                        return $"the copy of {title} is {copy}, not {total}";
                }

                return null;
            },
            seconds: 60);
    }

    private Task UntilShownAsync(Guid title, long views) => Poll.UntilAsync(async () =>
    {
        var (status, details) = await SendAsync(HttpMethod.Get, $"/api/v1/content/{title}/details");
        var shown = status == HttpStatusCode.OK ? details.GetProperty("real_time_views").GetInt64() : -1;
        return shown == views ? null : $"the details of {title} ({(int)status}) show {shown} views, not {views}";
    });

    private async Task<string?> FindUnsettledAsync()
    {
        var writers = await ReadAsync("SELECT writer_id FROM ledger_writers", r => PortOf(r.GetString(0)));
        if (!writers.Order().SequenceEqual(living.Select(silo => silo.Ports.Silo).Order()))
            return $"there are writers of the silos {string.Join(", ", writers)}";

        if ((await ReadAsync("SELECT count(*) FROM view_journal", r => r.GetInt64(0)))[0] is > 0 and var rows)
            return $"{rows} rows are in the journal";

        Assert.Equal(0, (await ReadAsync("SELECT count(*) FROM view_journal_quarantine", r => r.GetInt64(0)))[0]);
        var totals = new Dictionary<Guid, long>(await ReadAsync("SELECT content_id, views FROM content_views", ToTitle));
        var hours = new Dictionary<Guid, long>(await ReadAsync("SELECT content_id, sum(views)::bigint FROM trending_hourly GROUP BY content_id", ToTitle));
        var days = new Dictionary<Guid, long>(await ReadAsync("SELECT content_id, sum(views)::bigint FROM trending_daily GROUP BY content_id", ToTitle));
        // The journal is empty, so nothing of this can change any more.
        Assert.Equal(totals, hours);
        Assert.Equal(totals, days);
        foreach (var title in Titles)
        {
            var (least, most) = Load.Tally.RangeOf(title);
            var batch = batched.GetValueOrDefault(title);
            Assert.InRange(totals.GetValueOrDefault(title), least + batch, most + batch);
        }

        return null;
    }

    private async Task<long> TotalAsync(Guid title) =>
        (await ReadAsync("SELECT content_id, views FROM content_views", ToTitle)).SingleOrDefault(total => total.Key == title).Value;

    private static KeyValuePair<Guid, long> ToTitle(NpgsqlDataReader reader) => KeyValuePair.Create(reader.GetGuid(0), reader.GetInt64(1));
}

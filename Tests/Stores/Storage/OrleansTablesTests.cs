using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;
using Streaming.Storage.Migrations;
using Streaming.Storage.Servers;
using Streaming.Tests.Processes;

namespace Streaming.Tests.Storage;

/// <summary>A silo in this process whose membership, reminders and grain state are the tables of <c>sql/orleans</c>, used as Orleans uses them.</summary>
[Collection(ServersTests.Name)]
public sealed class OrleansTablesTests : IAsyncLifetime
{
    private const string GrainType = "counter";

    private readonly string cluster = $"tables-{Guid.NewGuid():N}";
    private IHost? silo;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private IMembershipTable Membership => silo!.Services.GetRequiredService<IMembershipTable>();

    private IReminderTable Reminders => silo!.Services.GetRequiredService<IReminderTable>();

    private IGrainStorage Storage => silo!.Services.GetRequiredService<IGrainStorage>();

    public async ValueTask InitializeAsync()
    {
        var orleans = TestServers.Orleans;
        await using (var database = await PostgresMigratedDatabase.OpenAsync("Orleans", orleans, TimeSpan.Zero, NullLogger.Instance, Cancel))
            await Migrator.MigrateAsync(database, MigrationScript.In("orleans"), Cancel);

        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.UseOrleans(options =>
        {
            options.Configure<ClusterOptions>(ids => (ids.ClusterId, ids.ServiceId) = (cluster, cluster));
            options.ConfigureEndpoints("127.0.0.1", LoopbackPort.Take(), LoopbackPort.Take());
            options.UseAdoNetClustering(ado => (ado.Invariant, ado.ConnectionString) = (OrleansServers.Invariant, orleans));
            options.UseAdoNetReminderService(ado => (ado.Invariant, ado.ConnectionString) = (OrleansServers.Invariant, orleans));
            options.AddAdoNetGrainStorageAsDefault(ado => (ado.Invariant, ado.ConnectionString) = (OrleansServers.Invariant, orleans));
        });
        silo = builder.Build();
        await silo.StartAsync(Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (silo is null)
            return;

        await Reminders.TestOnlyClearTable(CancellationToken.None);
        await silo.StopAsync(CancellationToken.None);
        await Membership.DeleteMembershipTableEntriesAsync(cluster, CancellationToken.None);
        silo.Dispose();
    }

    [Fact]
    public async Task A_client_of_the_cluster_finds_the_silos_by_a_role_that_may_do_nothing_else()
    {
        var role = $"front_{Guid.NewGuid():N}";
        await using var administrator = NpgsqlDataSource.Create(TestServers.Orleans);
        await ExecuteAsync(administrator, $"CREATE ROLE {role} LOGIN PASSWORD 'of a test' IN ROLE streaming_cluster_client");
        try
        {
            var asFront = new NpgsqlConnectionStringBuilder(TestServers.Orleans) { Username = role, Password = "of a test", Pooling = false }.ConnectionString;
            await using var front = NpgsqlDataSource.Create(asFront);
            foreach (var (table, change) in ((string, string)[])[("OrleansStorage", "SELECT 1 FROM OrleansStorage"), ("OrleansRemindersTable", "SELECT 1 FROM OrleansRemindersTable"), ("OrleansMembershipTable", "DELETE FROM OrleansMembershipTable"), ("public", "CREATE TABLE front_was_here (x int)")])
                Assert.True((await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(front, change))).SqlState == PostgresErrorCodes.InsufficientPrivilege, table);

            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
            builder.Logging.SetMinimumLevel(LogLevel.None);
            builder.UseOrleansClient(client =>
            {
                client.Configure<ClusterOptions>(ids => (ids.ClusterId, ids.ServiceId) = (cluster, cluster));
                client.UseAdoNetClustering(ado => (ado.Invariant, ado.ConnectionString) = (OrleansServers.Invariant, asFront));
            });
            using var joined = builder.Build();
            // Fails where no silo can be found.
            await joined.StartAsync(Cancel);
            await joined.StopAsync(Cancel);
        }
        finally
        {
            await ExecuteAsync(administrator, $"DROP ROLE {role}");
        }
    }

    [Fact]
    public async Task A_silo_is_in_the_membership_and_the_version_guards_it()
    {
        var all = await Membership.ReadAllAsync(Cancel);
        var (self, _) = Assert.Single(all.Members);
        Assert.Equal(SiloStatus.Active, self.Status);
        var other = Copy(self, SiloAddress.New(self.SiloAddress.Endpoint, self.SiloAddress.Generation + 1));

        Assert.True(await Membership.InsertRowAsync(other, all.Version.Next(), Cancel));
        Assert.False(await Membership.InsertRowAsync(other, all.Version.Next(), Cancel));
        var (row, etag) = Assert.Single((await Membership.ReadRowAsync(other.SiloAddress, Cancel)).Members);
        Assert.Equal((other.SiloName, other.HostName, other.StartTime), (row.SiloName, row.HostName, row.StartTime));

        row.Status = SiloStatus.Dead;
        row.SuspectTimes = [Tuple.Create(self.SiloAddress, self.StartTime)];
        var before = (await Membership.ReadAllAsync(Cancel)).Version;
        Assert.True(await Membership.UpdateRowAsync(row, etag, before.Next(), Cancel));
        Assert.False(await Membership.UpdateRowAsync(row, etag, before.Next(), Cancel));
        var after = await Membership.ReadRowAsync(other.SiloAddress, Cancel);
        Assert.Equal(before.Version + 1, after.Version.Version);
        Assert.Equal((SiloStatus.Dead, 1), (after.Members[0].Item1.Status, after.Members[0].Item1.SuspectTimes!.Count));

        await Membership.CleanupDefunctSiloEntriesAsync(DateTimeOffset.UtcNow.AddHours(1), Cancel);
        Assert.Equal(self.SiloAddress, Assert.Single((await Membership.ReadAllAsync(Cancel)).Members).Item1.SiloAddress);
    }

    [Fact]
    public async Task Clean_up_removes_silos_that_have_long_been_dead_and_no_others()
    {
        var self = Assert.Single((await Membership.ReadAllAsync(Cancel)).Members).Item1;
        var (old, now) = (DateTime.UtcNow.AddDays(-10), DateTime.UtcNow);
        var silent = new Dictionary<SiloStatus, SiloAddress>();
        foreach (var status in (SiloStatus[])[SiloStatus.Created, SiloStatus.Joining, SiloStatus.Active, SiloStatus.ShuttingDown, SiloStatus.Stopping, SiloStatus.Dead])
            silent.Add(status, await InsertAsync(status, []));

        var buriedOften = await InsertAsync(SiloStatus.Dead, [Tuple.Create(self.SiloAddress, old), Tuple.Create(self.SiloAddress, old)]);
        var buriedNow = await InsertAsync(SiloStatus.Dead, [Tuple.Create(self.SiloAddress, old), Tuple.Create(self.SiloAddress, now)]);

        await Membership.CleanupDefunctSiloEntriesAsync(now.AddDays(-7), Cancel);

        var left = (await Membership.ReadAllAsync(Cancel)).Members.Select(member => member.Item1.SiloAddress).ToHashSet();
        Assert.DoesNotContain(silent[SiloStatus.Dead], left);
        Assert.DoesNotContain(buriedOften, left);
        Assert.All(
            silent.Where(silo => silo.Key != SiloStatus.Dead).Select(silo => silo.Value).Append(buriedNow).Append(self.SiloAddress),
            silo => Assert.Contains(silo, left));

        async Task<SiloAddress> InsertAsync(SiloStatus status, List<Tuple<SiloAddress, DateTime>> votes)
        {
            var all = await Membership.ReadAllAsync(Cancel);
            var entry = Copy(self, SiloAddress.New(new IPEndPoint(IPAddress.Loopback, all.Members.Count), self.SiloAddress.Generation));
            (entry.Status, entry.StartTime, entry.IAmAliveTime) = (status, old, old);
            Assert.True(await Membership.InsertRowAsync(entry, all.Version.Next(), Cancel));
            var (row, etag) = Assert.Single((await Membership.ReadRowAsync(entry.SiloAddress, Cancel)).Members);
            row.SuspectTimes = votes;
            Assert.True(await Membership.UpdateRowAsync(row, etag, (await Membership.ReadAllAsync(Cancel)).Version.Next(), Cancel));
            return entry.SiloAddress;
        }
    }

    [Fact]
    public async Task Of_many_who_join_at_one_version_one_does()
    {
        var all = await Membership.ReadAllAsync(Cancel);
        var self = all.Members[0].Item1;
        var joined = await Task.WhenAll(Enumerable.Range(1, 8).Select(i => Task.Run(
            () => Membership.InsertRowAsync(Copy(self, SiloAddress.New(self.SiloAddress.Endpoint, self.SiloAddress.Generation + i)), all.Version.Next(), Cancel), Cancel)));

        Assert.Single(joined, true);
        Assert.Equal(all.Version.Version + 1, (await Membership.ReadAllAsync(Cancel)).Version.Version);
    }

    [Fact]
    public async Task State_is_written_read_and_cleared_by_its_version()
    {
        var id = GrainId.Create(GrainType, Guid.NewGuid().ToString("N"));
        var state = new GrainState<List<string>>(["one"]);
        await Storage.WriteStateAsync(GrainType, id, state);
        await Storage.WriteStateAsync(GrainType, id, state);
        var stale = await ReadAsync(id);
        Assert.Equal(("one", "2", true), (stale.State![0], stale.ETag, stale.RecordExists));

        state.State = ["two"];
        await Storage.WriteStateAsync(GrainType, id, state);
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.WriteStateAsync(GrainType, id, stale));
        await Assert.ThrowsAsync<InconsistentStateException>(() => Storage.ClearStateAsync(GrainType, id, stale));
        Assert.Equal("two", (await ReadAsync(id)).State![0]);

        await Storage.ClearStateAsync(GrainType, id, state);
        Assert.False((await ReadAsync(id)).RecordExists);
    }

    [Fact]
    public async Task Of_many_first_writes_of_one_state_one_succeeds()
    {
        var id = GrainId.Create(GrainType, Guid.NewGuid().ToString("N"));
        var refusals = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => IsRefusedAsync(id, $"writer {i}"), Cancel)));

        Assert.Single(refusals, false);
        Assert.Equal("1", (await ReadAsync(id)).ETag);
    }

    [Fact]
    public async Task A_reminder_is_found_by_grain_name_and_range_until_it_is_removed()
    {
        var id = GrainId.Create(GrainType, "reminded");
        var entry = new ReminderEntry { GrainId = id, ReminderName = "daily", StartAt = new DateTime(2026, 3, 14, 9, 30, 0, DateTimeKind.Utc), Period = TimeSpan.FromDays(1) };
        var first = await Reminders.UpsertRow(entry, Cancel);
        var second = await Reminders.UpsertRow(entry, Cancel);
        Assert.NotEqual(first, second);

        var read = await Reminders.ReadRow(id, "daily", Cancel);
        Assert.Equal((entry.StartAt, entry.Period, second), (read!.StartAt, read.Period, read.ETag));
        Assert.Single((await Reminders.ReadRows(id, Cancel)).Reminders);
        var hash = id.GetUniformHashCode();
        Assert.Single((await Reminders.ReadRows(hash - 1, hash, Cancel)).Reminders);
        Assert.Empty((await Reminders.ReadRows(hash, hash + 1, Cancel)).Reminders);
        Assert.Single((await Reminders.ReadRows(hash + 1, hash, Cancel)).Reminders);

        Assert.False(await Reminders.RemoveRow(id, "daily", first!, Cancel));
        Assert.True(await Reminders.RemoveRow(id, "daily", second!, Cancel));
        Assert.Null(await Reminders.ReadRow(id, "daily", Cancel));
    }

    private async Task<bool> IsRefusedAsync(GrainId id, string value)
    {
        try
        {
            await Storage.WriteStateAsync(GrainType, id, new GrainState<List<string>>([value]));
            return false;
        }
        catch (InconsistentStateException)
        {
            return true;
        }
    }

    private async Task<GrainState<List<string>>> ReadAsync(GrainId id)
    {
        var state = new GrainState<List<string>>();
        await Storage.ReadStateAsync(GrainType, id, state);
        return state;
    }

    private static MembershipEntry Copy(MembershipEntry entry, SiloAddress address) => new()
    {
        SiloAddress = address,
        SiloName = entry.SiloName,
        HostName = entry.HostName,
        Status = SiloStatus.Joining,
        ProxyPort = entry.ProxyPort,
        StartTime = entry.StartTime,
        IAmAliveTime = entry.IAmAliveTime,
    };

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }
}

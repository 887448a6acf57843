using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class AccessGrainTests : IAsyncLifetime
{
    private readonly EmbeddedFixture stores = new();
    private readonly PasswordsDouble passwords = new();
    private AccessDouble access = null!;
    private SiloFixture silo = null!;

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        access = new AccessDouble(stores.Access);
        silo = await SiloFixture.StartAsync(stores, access: access, passwords: passwords);
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        passwords.Dispose();
    }

    [Fact]
    public async Task Store_that_hangs_is_told_as_one_that_is_away_and_not_as_a_cancellation()
    {
        var version = (await silo.Access().GetAsync(null)).Version;
        access.Hangs = true;
        await stores.AdvanceAsync(TimeSpan.FromSeconds(16));

        await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Access().GetAsync(version));

        access.Hangs = false;
        await stores.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.Equal(version, (await silo.Access().GetAsync(version)).Version);
    }

    [Fact]
    public async Task What_another_silo_has_written_is_found_at_the_next_reading()
    {
        var (_, userId) = await silo.RegisterAsync();
        var version = (await silo.Access().GetAsync(null)).Version;
        await stores.Accounts.SetBannedAsync(userId, true, TestContext.Current.CancellationToken);
        Assert.Empty((await silo.Access().GetAsync(version)).Changes);

        await stores.AdvanceAsync(TimeSpan.FromSeconds(16));
        var update = await silo.Access().GetAsync(version);
        Assert.False(update.IsWhole);
        Assert.Equal((userId, true), (Assert.Single(update.Changes).Id, update.Changes[0].IsBlocked));
    }

    [Fact]
    public async Task The_next_activation_knows_what_a_token_may_depend_on()
    {
        var (_, userId) = await silo.RegisterAsync();
        await silo.Account(userId).SetBannedAsync(true);
        var version = (await silo.Access().GetAsync(null)).Version;
        await stores.AdvanceAsync(TimeSpan.FromMinutes(64));
        await silo.DeactivateAsync(silo.Access());

        var update = await silo.Access().GetAsync(version);
        Assert.True(update.IsWhole);
        Assert.Equal(userId, Assert.Single(update.Changes).Id);

        // And a URL of media, which lives longer.
        await stores.AdvanceAsync(TimeSpan.FromDays(7) - TimeSpan.FromHours(1));
        Assert.Equal(userId, Assert.Single((await silo.Access().GetAsync(null)).Changes).Id);
        await silo.DeactivateAsync(silo.Access());
        Assert.Equal(userId, Assert.Single((await silo.Access().GetAsync(null)).Changes).Id);

        await stores.AdvanceAsync(TimeSpan.FromHours(2));
        Assert.Empty((await silo.Access().GetAsync(null)).Changes);
    }

    [Fact]
    public async Task While_the_store_is_away_memory_answers_for_some_seconds_and_then_nothing_does()
    {
        var (_, userId) = await silo.RegisterAsync();
        await silo.Account(userId).SetBannedAsync(true);
        Assert.NotNull(await silo.ChangeOfAsync(userId));

        access.Away = true;
        Assert.NotNull(await silo.ChangeOfAsync(userId));
        await stores.AdvanceAsync(TimeSpan.FromSeconds(16));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Access().GetAsync(null));
        var reads = access.Reads;
        for (var i = 0; i < 20; i++)
            await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Access().GetAsync(null));

        // One more may come from the timer.
        Assert.InRange(access.Reads, reads, reads + 1);
        access.Away = false;
        await stores.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.NotNull(await silo.ChangeOfAsync(userId));
    }

    [Fact]
    public async Task A_change_that_cannot_be_read_at_once_is_answered_all_the_same_and_not_hidden()
    {
        var (_, userId) = await silo.RegisterAsync();
        await silo.Access().GetAsync(null);
        access.Away = true;
        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).SetBannedAsync(true));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Access().GetAsync(null));

        access.Away = false;
        await stores.AdvanceAsync(TimeSpan.FromSeconds(3));
        Assert.True((await silo.ChangeOfAsync(userId))!.IsBlocked);
    }

    [Fact]
    public async Task A_key_is_known_by_the_hash_of_its_secret_until_it_is_revoked()
    {
        var keys = silo.Grains.GetGrain<IApiKeysGrain>(0);
        var madeBy = silo.Samples.Id();
        var made = (await keys.AddAsync("a player", madeBy))!;
        Assert.StartsWith("sk_", made.Secret, StringComparison.Ordinal);
        Assert.Equal(46, made.Secret.Length);
        Assert.Equal((made.Key.KeyId, "a player", madeBy, stores.Now, null), (made.Key.KeyId, made.Key.Name, made.Key.MadeBy, made.Key.CreatedAt, made.Key.RevokedAt));
        Assert.DoesNotContain(made.Secret, $"{made}", StringComparison.Ordinal);
        Assert.Equal([made.Key], await keys.ListAsync(TestContext.Current.CancellationToken));

        var update = await silo.Access().GetAsync(null);
        var told = Assert.Single(update.Keys);
        Assert.Equal((made.Key.KeyId, false), (told.KeyId, told.IsRevoked));
        Assert.Equal(Secret.Hash(made.Secret), told.Hash);

        Assert.True(await keys.RevokeAsync(made.Key.KeyId));
        Assert.True(Assert.Single((await silo.Access().GetAsync(update.Version)).Keys).IsRevoked);
        Assert.Empty((await silo.Access().GetAsync(null)).Keys);
        Assert.Equal(stores.Now, Assert.Single(await keys.ListAsync(TestContext.Current.CancellationToken)).RevokedAt);

        Assert.True(await keys.RevokeAsync(made.Key.KeyId));
        Assert.False(await keys.RevokeAsync(silo.Samples.Id()));
    }
}

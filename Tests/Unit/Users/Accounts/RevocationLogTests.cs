using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class RevocationLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);

    private readonly Samples samples = new();
    private readonly RevocationLog log = new();

    [Fact]
    public void A_reader_gets_everything_first_and_then_what_is_new()
    {
        var (first, second) = (Ended(), Ended());
        log.Add(first);
        var whole = log.Since(null);
        Assert.Equal((true, false), (whole.IsWhole, whole.HasMore));
        Assert.Equal([first], whole.Changes);

        log.Add(first);
        log.Add(second);
        var news = log.Since(whole.Version);
        Assert.False(news.IsWhole);
        Assert.Equal([second], news.Changes);
        Assert.Empty(log.Since(news.Version).Changes);
    }

    [Fact]
    public void Only_the_latest_change_of_an_account_is_told()
    {
        var id = samples.Id();
        var (banned, free) = (Account(id, 0, isBlocked: true), Account(id, 1, isBlocked: false));
        log.Add(banned);
        var version = log.Since(null).Version;
        log.Add(free);
        Assert.Equal([free], log.Since(null).Changes);
        Assert.Equal([free], log.Since(version).Changes);
    }

    [Fact]
    public void A_version_of_another_activation_is_answered_with_everything()
    {
        log.Add(Ended());
        var update = log.Since(new AccessVersion(samples.Id(), 1_000));
        Assert.True(update.IsWhole);
        Assert.Single(update.Changes);
    }

    [Fact]
    public void Many_changes_are_told_in_answers_of_ten_thousand()
    {
        for (var i = 0; i < 25_000; i++)
            log.Add(Ended());

        log.SetKeys([Stored(samples.Id())]);
        var (update, changes, keys, answers) = (log.Since(null), new List<AccessChange>(), 0, 1);
        Assert.True(update.IsWhole);
        for (; ; answers++)
        {
            changes.AddRange(update.Changes);
            keys += update.Keys.Length;
            Assert.True(update.Changes.Length + update.Keys.Length <= 10_000);
            if (!update.HasMore)
                break;

            update = log.Since(update.Version);
            Assert.False(update.IsWhole);
        }

        Assert.Equal((3, 1), (answers, keys));
        Assert.Equal(25_000, changes.Distinct().Count());
        Assert.Equal(25_000, changes.Count);
    }

    [Fact]
    public void What_is_forgotten_is_told_no_more_and_who_may_have_missed_it_gets_everything()
    {
        log.Add(Ended(minute: 0));
        var version = log.Since(null).Version;
        var flapping = samples.Id();
        log.Add(Account(flapping, 1, isBlocked: true));
        log.Add(Account(flapping, 2, isBlocked: false));
        var late = Ended(minute: 10);
        log.Add(late);

        log.Forget(Start.AddMinutes(5), Start.AddMinutes(5));

        Assert.Equal([late], log.Since(null).Changes);
        var missed = log.Since(version);
        Assert.True(missed.IsWhole);
        Assert.Equal([late], missed.Changes);
        Assert.False(log.Since(missed.Version).IsWhole);

        log.Forget(Start.AddMinutes(60), Start.AddMinutes(60));
        Assert.Empty(log.Since(null).Changes);
        Assert.False(log.Since(missed.Version).IsWhole);
    }

    [Fact]
    public void A_blocked_account_outlives_the_rest_without_holding_it_up()
    {
        var (banned, freed) = (Account(samples.Id(), 0, isBlocked: true), Account(samples.Id(), 0, isBlocked: true));
        log.Add(banned);
        log.Add(freed);
        log.Add(Ended(minute: 1));
        log.Forget(Start.AddMinutes(5), Start);
        Assert.Equal([banned, freed], log.Since(null).Changes);
        var version = log.Since(null).Version;

        log.Add(banned);
        var let = freed with { IsBlocked = false, ChangedAt = Start.AddMinutes(6) };
        log.Add(let);
        Assert.Equal([let], log.Since(version).Changes);
        log.Forget(Start.AddMinutes(10), Start);
        Assert.Equal([banned], log.Since(null).Changes);

        log.Forget(Start.AddMinutes(10), Start.AddMinutes(1));
        Assert.Empty(log.Since(null).Changes);
        Assert.True(log.Since(new AccessVersion(version.Activation, 0)).IsWhole);
    }

    [Fact]
    public void A_forgotten_change_may_come_again()
    {
        var change = Ended();
        log.Add(change);
        log.Forget(Start.AddMinutes(1), Start.AddMinutes(1));
        log.Add(change);
        Assert.Equal([change], log.Since(null).Changes);
        log.Forget(Start.AddMinutes(1), Start.AddMinutes(1));
        Assert.Empty(log.Since(null).Changes);
    }

    [Fact]
    public void A_key_that_is_good_no_longer_is_told_as_revoked_to_those_who_know_it()
    {
        var (first, second) = (Stored(samples.Id()), Stored(samples.Id()));
        log.SetKeys([first, second]);
        var version = log.Since(null).Version;
        Assert.Equal(2, log.Since(null).Keys.Length);

        log.SetKeys([second]);
        var revoked = Assert.Single(log.Since(version).Keys);
        Assert.Equal((first.Key.KeyId, true), (revoked.KeyId, revoked.IsRevoked));
        Assert.Equal(second.Key.KeyId, Assert.Single(log.Since(null).Keys).KeyId);
    }

    [Fact]
    public void Revoked_keys_take_little_memory_and_who_may_have_missed_one_gets_everything()
    {
        var version = log.Since(null).Version;
        for (var i = 0; i < 1_001; i++)
        {
            log.SetKeys([Stored(samples.Id())]);
            if (i == 0)
                version = log.Since(null).Version;
        }

        Assert.False(log.Since(version).IsWhole);
        log.SetKeys([]);
        Assert.True(log.Since(version).IsWhole);
        Assert.Empty(log.Since(null).Keys);
    }

    private AccessChange Ended(int minute = 0) => new(AccessSubject.Session, samples.Id(), true, null, Start.AddMinutes(minute));

    private static AccessChange Account(Guid id, int minute, bool isBlocked) =>
        new(AccessSubject.Account, id, isBlocked, AccountRole.User, Start.AddMinutes(minute));

    private static StoredApiKey Stored(Guid id) => new(new ApiKey(id, "a key", Guid.Empty, Start, null), Secret.Hash(id.ToString()));
}

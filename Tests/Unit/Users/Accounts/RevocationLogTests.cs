using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class RevocationLogTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 14, 9, 30, 0, TimeSpan.Zero);

    private readonly Samples samples = new();
    private readonly RevocationLog history = new();

    [Fact]
    public void A_reader_gets_everything_first_and_then_what_is_new()
    {
        var (first, second) = (Ended(), Ended());
        history.Add(first);
        var whole = history.Since(null);
        Assert.Equal((true, false), (whole.IsWhole, whole.HasMore));
        Assert.Equal([first], whole.Changes);

        history.Add(first);
        history.Add(second);
        var news = history.Since(whole.Version);
        Assert.False(news.IsWhole);
        Assert.Equal([second], news.Changes);
        Assert.Empty(history.Since(news.Version).Changes);
    }

    [Fact]
    public void Only_the_latest_change_of_an_account_is_told()
    {
        var id = samples.Id();
        var (banned, free) = (Account(id, 0, isBlocked: true), Account(id, 1, isBlocked: false));
        history.Add(banned);
        var version = history.Since(null).Version;
        history.Add(free);
        Assert.Equal([free], history.Since(null).Changes);
        Assert.Equal([free], history.Since(version).Changes);
    }

    [Fact]
    public void A_version_of_another_activation_is_answered_with_everything()
    {
        history.Add(Ended());
        var update = history.Since(new AccessVersion(samples.Id(), 1_000));
        Assert.True(update.IsWhole);
        Assert.Single(update.Changes);
    }

    [Fact]
    public void Many_changes_are_told_in_answers_of_ten_thousand()
    {
        for (var i = 0; i < 25_000; i++)
            history.Add(Ended());

        history.SetKeys([Stored(samples.Id())]);
        var (update, changes, keys, answers) = (history.Since(null), new List<AccessChange>(), 0, 1);
        Assert.True(update.IsWhole);
        for (; ; answers++)
        {
            changes.AddRange(update.Changes);
            keys += update.Keys.Length;
            Assert.True(update.Changes.Length + update.Keys.Length <= 10_000);
            if (!update.HasMore)
                break;

            update = history.Since(update.Version);
            Assert.False(update.IsWhole);
        }

        Assert.Equal((3, 1), (answers, keys));
        Assert.Equal(25_000, changes.Distinct().Count());
        Assert.Equal(25_000, changes.Count);
    }

    [Fact]
    public void What_is_forgotten_is_told_no_more_and_who_may_have_missed_it_gets_everything()
    {
        history.Add(Ended(minute: 0));
        var version = history.Since(null).Version;
        var flapping = samples.Id();
        history.Add(Account(flapping, 1, isBlocked: true));
        history.Add(Account(flapping, 2, isBlocked: false));
        var late = Ended(minute: 10);
        history.Add(late);

        history.Forget(Start.AddMinutes(5), Start.AddMinutes(5));

        Assert.Equal([late], history.Since(null).Changes);
        var missed = history.Since(version);
        Assert.True(missed.IsWhole);
        Assert.Equal([late], missed.Changes);
        Assert.False(history.Since(missed.Version).IsWhole);

        history.Forget(Start.AddMinutes(60), Start.AddMinutes(60));
        Assert.Empty(history.Since(null).Changes);
        Assert.False(history.Since(missed.Version).IsWhole);
    }

    [Fact]
    public void A_blocked_account_outlives_the_rest_without_holding_it_up()
    {
        var (banned, freed) = (Account(samples.Id(), 0, isBlocked: true), Account(samples.Id(), 0, isBlocked: true));
        history.Add(banned);
        history.Add(freed);
        history.Add(Ended(minute: 1));
        history.Forget(Start.AddMinutes(5), Start);
        Assert.Equal([banned, freed], history.Since(null).Changes);
        var version = history.Since(null).Version;

        history.Add(banned);
        var let = freed with { IsBlocked = false, ChangedAt = Start.AddMinutes(6) };
        history.Add(let);
        Assert.Equal([let], history.Since(version).Changes);
        history.Forget(Start.AddMinutes(10), Start);
        Assert.Equal([banned], history.Since(null).Changes);

        history.Forget(Start.AddMinutes(10), Start.AddMinutes(1));
        Assert.Empty(history.Since(null).Changes);
        Assert.True(history.Since(new AccessVersion(version.Activation, 0)).IsWhole);
    }

    [Fact]
    public void A_forgotten_change_may_come_again()
    {
        var change = Ended();
        history.Add(change);
        history.Forget(Start.AddMinutes(1), Start.AddMinutes(1));
        history.Add(change);
        Assert.Equal([change], history.Since(null).Changes);
        history.Forget(Start.AddMinutes(1), Start.AddMinutes(1));
        Assert.Empty(history.Since(null).Changes);
    }

    [Fact]
    public void A_key_that_is_good_no_longer_is_told_as_revoked_to_those_who_know_it()
    {
        var (first, second) = (Stored(samples.Id()), Stored(samples.Id()));
        history.SetKeys([first, second]);
        var version = history.Since(null).Version;
        Assert.Equal(2, history.Since(null).Keys.Length);

        history.SetKeys([second]);
        var revoked = Assert.Single(history.Since(version).Keys);
        Assert.Equal((first.Key.KeyId, true), (revoked.KeyId, revoked.IsRevoked));
        Assert.Equal(second.Key.KeyId, Assert.Single(history.Since(null).Keys).KeyId);
    }

    [Fact]
    public void Revoked_keys_take_little_memory_and_who_may_have_missed_one_gets_everything()
    {
        var version = history.Since(null).Version;
        for (var i = 0; i < 1_001; i++)
        {
            history.SetKeys([Stored(samples.Id())]);
            if (i == 0)
                version = history.Since(null).Version;
        }

        Assert.False(history.Since(version).IsWhole);
        history.SetKeys([]);
        Assert.True(history.Since(version).IsWhole);
        Assert.Empty(history.Since(null).Keys);
    }

    private AccessChange Ended(int minute = 0) => new(AccessSubject.Session, samples.Id(), true, null, Start.AddMinutes(minute));

    private static AccessChange Account(Guid id, int minute, bool isBlocked) =>
        new(AccessSubject.Account, id, isBlocked, AccountRole.User, Start.AddMinutes(minute));

    private static StoredApiKey Stored(Guid id) => new(new ApiKey(id, "a key", Guid.Empty, Start, null), Secret.Hash(id.ToString()));
}

using Streaming.Audit;
using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Audit;

public abstract class LogStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private ILogStore Store => Fixture.Logs;

    [Fact]
    public async Task Read_that_its_caller_has_given_up_is_no_failure_of_the_store()
    {
        var gone = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ListAsync(new LogFilter(), null, 10, gone));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.ListFromAsync(new LogFilter(), 0, 10, gone));
        Assert.Empty((await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Entries_come_back_as_they_were_written_newest_first()
    {
        var (user, now) = (Samples.Id(), Fixture.Now);
        LogEntry[] entries =
        [
            Entry(now.AddMinutes(-2), user, "LOGIN", "User logged in successfully"),
            Entry(now.AddMinutes(-1), null, "LOGIN", "Invalid credentials"),
            Entry(now, user, "CHECK_STORAGE", "Ünïcode, 'quotes' and 🎬", reported: true),
        ];
        await Store.AddAsync(entries, Cancel);

        var page = await Store.ListAsync(new LogFilter(), null, 10, Cancel);

        Assert.Equal(entries.Reverse(), page.Entries);
        Assert.Null(page.Next);
    }

    [Fact]
    public async Task Log_without_entries_is_empty()
    {
        Assert.Empty((await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
        var counted = await Store.ListFromAsync(new LogFilter(), 0, 10, Cancel);
        Assert.Empty(counted.Entries);
        Assert.Equal(0, counted.Total);
    }

    [Fact]
    public async Task Entry_that_is_there_already_changes_nothing_and_keeps_none_of_the_others_out()
    {
        var first = Entry(Fixture.Now, null);
        var second = Entry(Fixture.Now, null);
        await Store.AddAsync([first], Cancel);

        await Store.AddAsync([first with { Description = "another" }, second, second], Cancel);

        Assert.Equal(NewestFirst([first, second]), (await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Many_writers_of_the_same_entries_write_each_once()
    {
        var entries = Enumerable.Range(0, 200).Select(i => Entry(Fixture.Now.AddSeconds(-i % 7), null)).ToArray();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => Store.AddAsync([.. entries.OrderBy(_ => Samples.Number(0, 100) + i)], Cancel))));

        var counted = await Store.ListFromAsync(new LogFilter(), 0, 1_000, Cancel);

        Assert.Equal(200, counted.Total);
        Assert.Equal(NewestFirst(entries), counted.Entries);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(40)]
    [InlineData(41)]
    public async Task Pages_lead_to_every_entry_once_though_others_are_added_meanwhile(int limit)
    {
        var entries = Enumerable.Range(0, 40).Select(i => Entry(Fixture.Now.AddSeconds(-i / 5), null)).ToArray();
        await Store.AddAsync(entries, Cancel);

        var read = new List<LogEntry>();
        PageCursor? next = null;
        do
        {
            var page = await Store.ListAsync(new LogFilter(), next, limit, Cancel);
            Assert.True(page.Entries.Length <= limit);
            read.AddRange(page.Entries);
            next = page.Next;
            await Store.AddAsync([Entry(Fixture.Now.AddSeconds(1), null)], Cancel);
        }
        while (next is not null);

        Assert.Equal(NewestFirst(entries), read);
    }

    [Fact]
    public async Task Entries_are_counted_and_left_out_by_number()
    {
        var entries = Enumerable.Range(0, 25).Select(i => Entry(Fixture.Now.AddSeconds(-i / 3), null)).ToArray();
        await Store.AddAsync(entries, Cancel);

        int[] skips = [0, 10, 20, 25, 1_000_000_000];
        var pages = await Task.WhenAll(skips.Select(skip => Store.ListFromAsync(new LogFilter(), skip, 10, Cancel)));

        Assert.All(pages, page => Assert.Equal(25, page.Total));
        Assert.Equal([10, 10, 5, 0, 0], pages.Select(page => page.Entries.Length));
        Assert.Equal(NewestFirst(entries), pages.SelectMany(page => page.Entries));
    }

    [Fact]
    public async Task Filters_let_through_what_meets_all_of_them()
    {
        Guid?[] users = [Samples.Id(), Samples.Id(), null];
        var now = Fixture.Now;
        var entries = (
            from user in users
            from action in (string[])["LOGIN", "REGISTER"]
            from service in (string[])["UserAccountService", "VideoFetchService"]
            from minute in Enumerable.Range(0, 4)
            select Entry(now.AddMinutes(-minute), user, action, "x") with { ServiceName = service }).ToArray();
        await Store.AddAsync(entries, Cancel);

        LogFilter[] filters =
        [
            new(users[0]), new(From: now.AddMinutes(-1)), new(To: now.AddMinutes(-1)), new(ActionType: "LOGIN"), new(ServiceName: "VideoFetchService"),
            new(users[1], now.AddMinutes(-2), now, "REGISTER", "UserAccountService"), new(Samples.Id()), new(ActionType: "login"),
            new(From: now.AddTicks(1)), new(From: now.AddMinutes(-1).AddTicks(1), To: now.AddTicks(1)),
            new(From: DateTimeOffset.MinValue, To: DateTimeOffset.MaxValue), new(From: now, To: now.AddMinutes(-1)),
        ];
        foreach (var filter in filters)
        {
            var expected = NewestFirst(entries.Where(entry => Lets(filter, entry)));
            Assert.Equal(expected, (await Store.ListAsync(filter, null, 100, Cancel)).Entries);
            var counted = await Store.ListFromAsync(filter, 0, 100, Cancel);
            Assert.Equal(expected, counted.Entries);
            Assert.Equal(expected.Count, counted.Total);
            Assert.Equal(expected.Skip(2), await RestAsync(filter, 2));
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task Forged_cursor_is_only_a_place_in_the_order(long sort)
    {
        await Store.AddAsync([Entry(Fixture.Now, null)], Cancel);

        var page = await Store.ListAsync(new LogFilter(), new PageCursor(sort, Samples.Id()), 10, Cancel);

        Assert.Equal(sort > 0 ? 1 : 0, page.Entries.Length);
    }

    [Fact]
    public async Task Persons_name_is_taken_out_and_the_entries_stay()
    {
        var (gone, other) = (Samples.Id(), Samples.Id());
        var seen = Entry(Fixture.Now, gone, "FETCH_USER_VIDEOS", $"User fetched videos for user_id {gone} with pagination");
        var told = Entry(Fixture.Now.AddSeconds(-1), gone, "NOTE", "my own words", reported: true);
        var others = Entry(Fixture.Now.AddSeconds(-2), other, "NOTE", "of another", reported: true);
        var more = Enumerable.Range(0, 1_500).Select(i => Entry(Fixture.Now.AddMinutes(-1 - i), gone)).ToArray();
        await Store.AddAsync([seen, told, others, .. more], Cancel);

        await Store.AnonymiseAsync(gone, Cancel);
        await Store.AnonymiseAsync(Samples.Id(), Cancel);

        var counted = await Store.ListFromAsync(new LogFilter(), 0, 3, Cancel);
        Assert.Equal(1_503, counted.Total);
        Assert.Equal(
            [
                seen with { UserId = null, Description = "User fetched videos for user_id [removed] with pagination" },
                told with { UserId = null, Description = "" },
                others,
            ],
            counted.Entries);
        Assert.Equal(0, (await Store.ListFromAsync(new LogFilter(gone), 0, 1, Cancel)).Total);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_client_wrote_names_the_person_in_no_column_whether_it_came_before_the_removal_or_after(bool isLate)
    {
        var (gone, other) = (await AddUserAsync("gone"), Samples.Id());
        var named = Entry(Fixture.Now, gone, $"WARN {gone}", reported: true) with { ServiceName = $"svc {gone}".ToUpperInvariant() };
        var digits = Entry(Fixture.Now.AddMinutes(-1), other, $"WARN {gone:N}", reported: true) with { ServiceName = $"svc {other}", AboutId = gone };
        var others = Entry(Fixture.Now.AddMinutes(-2), other, $"WARN {other}", reported: true);
        var own = Entry(Fixture.Now.AddMinutes(-3), gone, "LOGIN", "User logged in successfully");
        if (!isLate)
            await Store.AddAsync([named, digits, others, own], Cancel);

        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(gone, Cancel));
        if (isLate)
            await Store.AddAsync([named, digits, others, own], Cancel);
        else
            await Store.AnonymiseAsync(gone, Cancel);

        Assert.Equal(
            [
                named with { UserId = null, Description = "", ActionType = "[removed]", ServiceName = "[removed]" },
                digits with { AboutId = null, Description = "", ActionType = "[removed]" },
                others,
                own with { UserId = null },
            ],
            (await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Entry_of_another_that_names_a_person_loses_the_name_and_stays_the_others()
    {
        var (admin, gone) = (Samples.Id(), Samples.Id());
        var told = Entry(Fixture.Now, admin, "BAN_USER", $"Administrator banned user {gone}") with { AboutId = gone };
        var both = Entry(Fixture.Now.AddMinutes(-1), gone, "SET_ROLE", $"Administrator set the role of user {admin} to user") with { AboutId = admin };
        var reported = Entry(Fixture.Now.AddMinutes(-2), admin, "NOTE", $"{gone} was rude".ToUpperInvariant(), reported: true) with { AboutId = gone };
        var others = Entry(Fixture.Now.AddMinutes(-3), admin, "BAN_USER", $"Administrator banned user {admin}") with { AboutId = admin };
        await Store.AddAsync([told, both, reported, others], Cancel);

        await Store.AnonymiseAsync(gone, Cancel);

        Assert.Equal(
            [
                told with { AboutId = null, Description = "Administrator banned user [removed]" },
                both with { UserId = null },
                reported with { AboutId = null, Description = "" },
                others,
            ],
            (await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Entry_that_comes_after_its_person_was_removed_names_nobody()
    {
        var (gone, banned, admin) = (await AddUserAsync("gone"), await AddUserAsync("banned"), Samples.Id());
        var own = Entry(Fixture.Now, gone, "FETCH_USER_VIDEOS", $"User fetched videos for user_id {gone} with pagination");
        var told = Entry(Fixture.Now.AddMinutes(-1), admin, "BAN_USER", $"Administrator banned user {gone}") with { AboutId = gone };
        var reported = Entry(Fixture.Now.AddMinutes(-2), gone, "NOTE", "by the client", reported: true);
        var others = Entry(Fixture.Now.AddMinutes(-3), banned, "LOGIN", "Error: banned");
        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.SetBannedAsync(banned, true, Cancel));
        Assert.Equal(AccountChangeStatus.Changed, await Fixture.Accounts.RemoveAsync(gone, Cancel));

        await Store.AddAsync([own, told, reported, others], Cancel);

        Assert.Equal(
            [
                own with { UserId = null, Description = "User fetched videos for user_id [removed] with pagination" },
                told with { AboutId = null, Description = "Administrator banned user [removed]" },
                reported with { UserId = null, Description = "" },
                others,
            ],
            (await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    [Fact]
    public async Task Entries_that_come_while_their_person_is_removed_name_nobody_when_both_are_done()
    {
        for (var round = 0; round < 10; round++)
        {
            var user = await AddUserAsync($"somebody {round}");
            var batches = Enumerable.Range(0, 6).Select(_ => new[] { Entry(Fixture.Now, user), Entry(Fixture.Now, null) }).ToList();
            var adding = batches.Select(batch => Store.AddAsync(batch, Cancel)).ToList();
            await Fixture.Accounts.RemoveAsync(user, Cancel);
            await Store.AnonymiseAsync(user, Cancel);
            await Task.WhenAll(adding);

            Assert.Equal(0, (await Store.ListFromAsync(new LogFilter(user), 0, 1, Cancel)).Total);
        }
    }

    [Fact]
    public async Task Old_entries_are_removed_step_by_step_by_many_at_once_and_newer_ones_stay()
    {
        var before = Fixture.Now.AddDays(-90);
        var old = Enumerable.Range(1, 2_500).Select(i => Entry(before.AddSeconds(-i), null)).ToArray();
        LogEntry[] kept = [Entry(before, null), Entry(Fixture.Now, null)];
        await Store.AddAsync([.. old, .. kept], Cancel);

        var removed = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            var sum = 0;
            while (await Store.ForgetAsync(before, Cancel) is var step and > 0)
            {
                Assert.InRange(step, 1, 1_000);
                sum += step;
            }

            return sum;
        })));
        while (await Store.ForgetAsync(before, Cancel) is var rest and > 0)
            removed[0] += rest;

        Assert.Equal(2_500, removed.Sum());
        Assert.Equal(NewestFirst(kept), (await Store.ListAsync(new LogFilter(), null, 10, Cancel)).Entries);
    }

    private async Task<List<LogEntry>> RestAsync(LogFilter filter, int afterEntries)
    {
        var first = await Store.ListAsync(filter, null, afterEntries, Cancel);
        return first.Next is { } next ? [.. (await Store.ListAsync(filter, next, 100, Cancel)).Entries] : [];
    }

    private static bool Lets(LogFilter filter, LogEntry entry) =>
        (filter.UserId is null || entry.UserId == filter.UserId)
        && (filter.From is null || entry.CreatedAt >= filter.From)
        && (filter.To is null || entry.CreatedAt < filter.To)
        && (filter.ActionType is null || entry.ActionType == filter.ActionType)
        && (filter.ServiceName is null || entry.ServiceName == filter.ServiceName);

    private static List<LogEntry> NewestFirst(IEnumerable<LogEntry> entries) =>
        [.. entries.OrderByDescending(entry => entry.CreatedAt).ThenByDescending(entry => entry.Id.ToString(), StringComparer.Ordinal)];

    private LogEntry Entry(DateTimeOffset at, Guid? user, string action = "LOGIN", string description = "something", bool reported = false) =>
        new(Samples.Id(), user, action, description, "UserAccountService", at, reported);
}

public sealed class SqliteLogStoreTests() : LogStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresLogStoreTests() : LogStoreContract(new ServersFixture());

using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract class UserStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private IUserStore Store => Fixture.Users;

    [Fact]
    public async Task Ids_are_listed_in_ascending_order_page_by_page()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 17; i++)
            ids.Add(await AddUserAsync($"person{i}"));

        var listed = new List<Guid>();
        Guid? after = null;
        while (await Store.ListIdsAsync(after, 4, Cancel) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 4);
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Equal(Ascending(ids), listed);
    }

    [Fact]
    public async Task Nobody_is_listed_where_nobody_is() => Assert.Empty(await Store.ListIdsAsync(null, 10, Cancel));

    [Fact]
    public async Task Names_are_those_of_the_people_who_exist()
    {
        var (ann, bob) = (await AddUserAsync("Ann"), await AddUserAsync("Björn"));
        await AddUserAsync("not asked for");

        var names = await Store.GetUsernamesAsync([bob, Samples.Id(), ann], Cancel);

        Assert.Equal(2, names.Count);
        Assert.Equal("Ann", names[ann]);
        Assert.Equal("Björn", names[bob]);
    }

    [Fact]
    public async Task Two_people_may_have_one_name()
    {
        var (first, second) = (await AddUserAsync("Ann"), await AddUserAsync("Ann"));
        var names = await Store.GetUsernamesAsync([first, second], Cancel);
        Assert.Equal(("Ann", "Ann"), (names[first], names[second]));
    }

    [Fact]
    public async Task No_ids_have_no_names() => Assert.Empty(await Store.GetUsernamesAsync([], Cancel));

    [Fact]
    public async Task Two_hundred_names_come_at_once_to_many_callers()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 40; i++)
            ids.Add(await AddUserAsync($"person{i}"));

        Guid[] asked = [.. ids, .. Enumerable.Range(0, 160).Select(_ => Samples.Id())];
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Store.GetUsernamesAsync(asked, Cancel)));

        Assert.All(answers, names => Assert.Equal(Ascending(ids), Ascending(names.Keys)));
    }
}

public sealed class SqliteUserStoreTests() : UserStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresUserStoreTests() : UserStoreContract(new ServersFixture());

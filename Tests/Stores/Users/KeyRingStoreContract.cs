using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public abstract class KeyRingStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private IKeyRingStore Store => Fixture.KeyRing;

    [Fact]
    public async Task New_store_has_no_keys() => Assert.Empty(await Store.ListAsync(10, Cancel));

    [Fact]
    public async Task Elements_are_listed_as_they_were_written_by_number()
    {
        Assert.True(await Store.AddAsync(2, "<key>zweiter ü \"'</key>", Cancel));
        Assert.True(await Store.AddAsync(1, "<key/>", Cancel));
        Assert.True(await Store.AddAsync(3, new string('x', IKeyRingGrain.MaxLength), Cancel));

        Assert.Equal(["<key/>", "<key>zweiter ü \"'</key>", new string('x', IKeyRingGrain.MaxLength)], await Store.ListAsync(10, Cancel));
        Assert.Equal(["<key/>"], await Store.ListAsync(1, Cancel));
    }

    [Fact]
    public async Task Number_that_is_taken_keeps_its_element()
    {
        Assert.True(await Store.AddAsync(1, "first", Cancel));
        Assert.False(await Store.AddAsync(1, "second", Cancel));
        Assert.Equal(["first"], await Store.ListAsync(10, Cancel));
    }

    [Fact]
    public async Task Of_many_that_take_a_number_at_once_one_does()
    {
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Store.AddAsync(1, $"element {i}", Cancel)));

        Assert.Single(taken, true);
        Assert.Equal($"element {Array.IndexOf(taken, true)}", Assert.Single(await Store.ListAsync(10, Cancel)));
    }
}

public sealed class SqliteKeyRingStoreTests() : KeyRingStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresKeyRingStoreTests() : KeyRingStoreContract(new ServersFixture());

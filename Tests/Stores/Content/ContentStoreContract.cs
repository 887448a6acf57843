using Streaming.Content;
using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Content;

public abstract class ContentStoreContract(StoreFixture fixture) : StoreContract(fixture)
{
    private IContentStore Store => Fixture.Content;

    [Fact]
    public async Task A_title_comes_with_all_that_is_known_of_it()
    {
        var (ann, bob) = (Samples.Id(), Samples.Id());
        var row = new ContentRow(
            Samples.Id(), "Ночь & Day", "Une nuit", new DateTimeOffset(1999, 12, 31, 0, 0, 0, TimeSpan.Zero), 97, "documentary",
            "What happened.", "https://images.example.com/1.jpg", "https://videos.example.com/1.mp4", "7.0",
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.Zero), new DateTimeOffset(2026, 2, 2, 3, 4, 5, 679, TimeSpan.Zero));
        await Fixture.AddTitleAsync(new ContentDocument(row, new ContentCredits(
            [new Genre(2, "Thriller"), new Genre(1, "Zombies"), new Genre(3, "Drama")],
            [new CastMember(bob, "Bob", "director", null), new CastMember(ann, "Ann", "actor", "The Cook")])));

        var found = await Store.GetAsync(row.ContentId, Cancel);

        Assert.Equal(row, found!.Row);
        Assert.Equal([new Genre(3, "Drama"), new Genre(2, "Thriller"), new Genre(1, "Zombies")], found.Credits.Genres);
        Assert.Equal(
            [new CastMember(ann, "Ann", "actor", "The Cook"), new CastMember(bob, "Bob", "director", null)], found.Credits.Cast);
    }

    [Fact]
    public async Task A_title_may_lack_all_that_is_optional()
    {
        var title = Samples.Title(Samples.Id(), "Bare");
        await Fixture.AddTitleAsync(title);

        var found = await Store.GetAsync(title.Row.ContentId, Cancel);

        Assert.Equal(title.Row, found!.Row);
        Assert.Empty(found.Credits.Genres);
        Assert.Empty(found.Credits.Cast);
    }

    [Fact]
    public async Task A_title_has_only_its_own_genres_and_cast()
    {
        var (genre, person) = (new Genre(1, "Drama"), new CastMember(Samples.Id(), "Ann", "actor", "Herself"));
        var (with, without) = (Samples.Title(Samples.Id(), "With"), Samples.Title(Samples.Id(), "Without"));
        await Fixture.AddTitleAsync(with with { Credits = new ContentCredits([genre], [person]) });
        await Fixture.AddTitleAsync(without);

        Assert.Empty((await Store.GetAsync(without.Row.ContentId, Cancel))!.Credits.Genres);
        Assert.Empty((await Store.GetAsync(without.Row.ContentId, Cancel))!.Credits.Cast);
    }

    [Fact]
    public async Task An_unknown_title_is_null()
    {
        await AddTitleAsync();
        Assert.Null(await Store.GetAsync(Samples.Id(), Cancel));
        Assert.Null(await Store.GetAsync(Guid.Empty, Cancel));
    }

    [Fact]
    public async Task Ids_are_listed_in_ascending_order_page_by_page()
    {
        var ids = await AddTitlesAsync(23);
        var listed = new List<Guid>();
        Guid? after = null;
        while (await Store.ListIdsAsync(after, 5, Cancel) is { Count: > 0 } page)
        {
            Assert.True(page.Count <= 5);
            listed.AddRange(page);
            after = page[^1];
        }

        Assert.Equal(Ascending(ids), listed);
    }

    [Fact]
    public async Task An_id_to_list_after_need_not_exist()
    {
        var ids = Ascending(await AddTitlesAsync(3));
        Assert.Equal(ids, await Store.ListIdsAsync(Guid.Empty, 10, Cancel));
        Assert.Empty(await Store.ListIdsAsync(Guid.AllBitsSet, 10, Cancel));
    }

    [Fact]
    public async Task An_empty_catalogue_lists_nothing() => Assert.Empty(await Store.ListIdsAsync(null, 10, Cancel));

    [Fact]
    public async Task Of_many_ids_those_that_exist_are_found()
    {
        var ids = await AddTitlesAsync(20);
        var asked = Enumerable.Range(0, ViewLimits.MaxBatchEntries - 10).Select(_ => Samples.Id()).Concat(ids.Take(10)).ToArray();

        Assert.Equal(Ascending(ids.Take(10)), Ascending(await Store.FindExistingAsync(asked, Cancel)));
    }

    [Fact]
    public async Task Of_no_ids_none_are_found()
    {
        await AddTitleAsync();
        Assert.Empty(await Store.FindExistingAsync([], Cancel));
    }

    [Fact]
    public async Task Many_callers_read_at_once()
    {
        var ids = await AddTitlesAsync(32);
        var found = await Task.WhenAll(ids.Select(id => Store.GetAsync(id, Cancel)));
        Assert.Equal(ids, found.Select(title => title!.Row.ContentId));
    }

    [Fact]
    public async Task A_cancelled_read_throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetAsync(Samples.Id(), new CancellationToken(canceled: true)));
}

public sealed class SqliteContentStoreTests() : ContentStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class CitusContentStoreTests() : ContentStoreContract(new ServersFixture());

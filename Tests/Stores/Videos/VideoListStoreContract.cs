using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public abstract class VideoListStoreContract(StoreFixture fixture) : VideosContract(fixture)
{
    [Fact]
    public async Task Without_videos_all_lists_are_empty()
    {
        var user = await AddUserAsync();
        await BeginAsync(user);
        foreach (var whose in (Guid?[])[null, user, Samples.Id()])
        {
            var counted = await Lists.ListFromAsync(whose, 0, 10, Cancel);
            Assert.Equal((0, 0L), (counted.Videos.Length, counted.Total));
            AssertEmpty(await Lists.ListAsync(whose, null, 10, Cancel));
        }

        AssertEmpty(await Lists.ListDeletedAsync(user, Now, null, 10, Cancel));
        AssertEmpty(await Lists.ListOfUserAsync(user, null, 10, Cancel));
        Assert.Empty(await Lists.DeleteAsync(user, Now, Now, 10, Cancel));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Pages_lead_to_every_video_once_newest_first_though_others_are_added_meanwhile(int limit)
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        var (own, others) = (await AddManyAsync(user, 11), await AddManyAsync(other, 5));
        await AddDeletedAsync(user);
        await BeginAsync(user);

        Task<VideoPage> ReadAsync(Guid? whose, PageCursor? before) => Lists.ListAsync(whose, before, limit, Cancel);
        Assert.Equal(NewestFirst(own, video => video.UploadedAt), await AllAsync(limit, before => ReadAsync(user, before)));
        Assert.Equal(
            NewestFirst([.. own, .. others], video => video.UploadedAt),
            await AllAsync(limit, before => ReadAsync(null, before), () => AddVideoAsync(other, Now + Minute)));
    }

    [Fact]
    public async Task Videos_are_counted_and_left_out_by_number()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        var own = await AddManyAsync(user, 7);
        var others = await AddManyAsync(other, 4);
        await AddDeletedAsync(user);

        int[] skips = [0, 3, 6, 7, 1_000_000_000];
        var pages = await Task.WhenAll(skips.Select(skip => Lists.ListFromAsync(user, skip, 3, Cancel)));
        var all = await Lists.ListFromAsync(null, 2, 100, Cancel);

        Assert.All(pages, page => Assert.Equal(7, page.Total));
        Assert.Equal([3, 3, 1, 0, 0], pages.Select(page => page.Videos.Length));
        Assert.Equal(NewestFirst(own, video => video.UploadedAt), pages.SelectMany(page => page.Videos).Select(video => video.VideoId));
        Assert.Equal(11, all.Total);
        Assert.Equal(NewestFirst([.. own, .. others], video => video.UploadedAt).Skip(2), all.Videos.Select(video => video.VideoId));
    }

    [Fact]
    public async Task Deleted_videos_are_listed_last_deleted_first_while_they_can_be_restored()
    {
        var user = await AddUserAsync();
        await AddDeletedAsync(await AddUserAsync("another"));
        await AddVideoAsync(user);
        var deleted = new List<Video>();
        foreach (var video in await AddManyAsync(user, 7))
        {
            Assert.True(await DeleteAsync(video.VideoId, Now.AddSeconds(deleted.Count / 3)));
            deleted.Add((await Videos.FindAsync(video.VideoId, Cancel))!);
        }

        var later = Now.AddSeconds(1) + Grace;
        Assert.Equal(
            NewestFirst(deleted, video => video.DeletedAt), await AllAsync(2, before => Lists.ListDeletedAsync(user, Now, before, 2, Cancel)));
        Assert.Equal([deleted[6].VideoId], await AllAsync(2, before => Lists.ListDeletedAsync(user, later, before, 2, Cancel)));
    }

    [Fact]
    public async Task All_of_a_person_is_stored_and_deleted_alike()
    {
        var user = await AddUserAsync();
        await AddVideoAsync(await AddUserAsync("another"));
        await BeginAsync(user, Now + Grace + Grace);
        var removing = await AddDeletedAsync(user, grace: TimeSpan.FromDays(1));
        Assert.Equal([removing.VideoId], await TakeAsync(Now + TimeSpan.FromDays(1)));
        var own = await AddManyAsync(user, 6);
        await DeleteAsync(own[1].VideoId);
        await DeleteAsync(own[4].VideoId);

        Assert.Equal(NewestFirst(own, video => video.UploadedAt), await AllAsync(4, before => Lists.ListOfUserAsync(user, before, 4, Cancel)));
    }

    [Fact]
    public async Task All_of_a_persons_videos_are_deleted_in_bounded_steps()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        var (own, others) = (await AddManyAsync(user, 7), await AddManyAsync(other, 2));
        var deleted = await AddDeletedAsync(user);

        var steps = new List<IReadOnlyList<Guid>>();
        do
            steps.Add(await Lists.DeleteAsync(user, Now + Minute, Now + Grace, 3, Cancel));
        while (steps[^1].Count > 0);

        Assert.Equal([3, 3, 1, 0], steps.Select(step => step.Count));
        Assert.Equal(Ascending(own.Select(video => video.VideoId)), Ascending(steps.SelectMany(step => step)));
        Assert.Equal(
            own[0] with { DeletedAt = Now + Minute, RemovedAt = Now + Grace }, await Videos.FindAsync(own[0].VideoId, Cancel));
        Assert.Equal(deleted, await Videos.FindAsync(deleted.VideoId, Cancel));
        Assert.Equal(others.Count, (await Lists.ListFromAsync(null, 0, 1, Cancel)).Total);
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task Forged_cursor_is_only_a_place_in_the_order(long sort)
    {
        var user = await AddUserAsync();
        await AddVideoAsync(user);
        await AddDeletedAsync(user);
        var cursor = new PageCursor(sort, Samples.Id());

        Assert.Equal(sort > 0 ? 1 : 0, (await Lists.ListAsync(user, cursor, 10, Cancel)).Videos.Length);
        Assert.Equal(sort > 0 ? 1 : 0, (await Lists.ListDeletedAsync(user, Now, cursor, 10, Cancel)).Videos.Length);
        Assert.Equal(sort > 0 ? 2 : 0, (await Lists.ListOfUserAsync(user, cursor, 10, Cancel)).Videos.Length);
    }

    /// <summary>Three share each moment.</summary>
    private async Task<List<Video>> AddManyAsync(Guid user, int count)
    {
        var videos = new List<Video>();
        for (var i = 0; i < count; i++)
            videos.Add(await AddVideoAsync(user, Now.AddSeconds(-i / 3)));

        return videos;
    }

    private static async Task<List<Guid>> AllAsync(int limit, Func<PageCursor?, Task<VideoPage>> read, Func<Task>? between = null)
    {
        var ids = new List<Guid>();
        PageCursor? before = null;
        do
        {
            var page = await read(before);
            Assert.InRange(page.Videos.Length, 1, limit);
            ids.AddRange(page.Videos.Select(video => video.VideoId));
            before = page.Next;
            await (between?.Invoke() ?? Task.CompletedTask);
        }
        while (before is not null);
        return ids;
    }

    private static void AssertEmpty(VideoPage page)
    {
        Assert.Empty(page.Videos);
        Assert.Null(page.Next);
    }
}

public sealed class SqliteVideoListStoreTests() : VideoListStoreContract(new EmbeddedFixture());

[Collection(ServersTests.Name)]
public sealed class PostgresVideoListStoreTests() : VideoListStoreContract(new ServersFixture());

using Streaming.Storage.Embedded;
using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public abstract class VideoStoreContract(StoreFixture fixture) : VideosContract(fixture)
{
    [Fact]
    public async Task An_upload_becomes_a_video_with_what_is_known_of_its_file()
    {
        var user = await AddUserAsync();
        var id = await BeginAsync(user);
        Assert.Null(await Videos.FindAsync(id, Cancel));

        var stored = await Videos.PublishAsync(new NewVideo(id, user, "Ünïcode, 'quotes' and 🎬", VideoFormat.WebM, 52_428_800), Now, Cancel);

        Assert.Equal(new Video(id, user, "Ünïcode, 'quotes' and 🎬", VideoFormat.WebM, 52_428_800, Now), stored);
        Assert.Equal(stored, await Videos.FindAsync(id, Cancel));
        Assert.Equal(50, stored!.Megabytes);
    }

    [Fact]
    public async Task Publishing_again_answers_what_was_stored_first()
    {
        var user = await AddUserAsync();
        var first = await AddVideoAsync(user);

        Assert.Equal(first, await Videos.PublishAsync(NewVideo(first.VideoId, user, 5, "another"), Now + Minute, Cancel));
        Assert.True(await DeleteAsync(first.VideoId));
        Assert.Equal(Now, (await Videos.PublishAsync(NewVideo(first.VideoId, user), Now + Minute, Cancel))!.DeletedAt);
    }

    [Fact]
    public async Task What_is_not_uploading_or_anothers_is_not_published()
    {
        var (user, other) = (await AddUserAsync(), await AddUserAsync("another"));
        var (abandoned, taken, anothers) = (await BeginAsync(user), await BeginAsync(user), await BeginAsync(other, Now + Grace));
        await Videos.AbandonAsync(abandoned, mayHaveMedia: false, Now, Cancel);
        Assert.Equal([taken], await TakeAsync(Now + Minute));

        foreach (var id in (Guid[])[abandoned, taken, anothers, Samples.Id()])
            Assert.Null(await Videos.PublishAsync(NewVideo(id, user), Now, Cancel));

        Assert.NotNull(await Videos.PublishAsync(NewVideo(anothers, other), Now, Cancel));
    }

    [Fact]
    public async Task Nobody_begins_an_upload_without_an_account()
    {
        var id = Samples.Id();
        Assert.False(await Videos.BeginAsync(id, Samples.Id(), Now, Cancel));
        Assert.Null(await Videos.PublishAsync(NewVideo(id, Samples.Id()), Now, Cancel));
        Assert.Empty(await TakeAsync(Now + Grace));
    }

    [Fact]
    public async Task An_upload_that_is_renewed_dies_later_and_a_video_is_not_renewed()
    {
        var user = await AddUserAsync();
        var upload = await BeginAsync(user, Now + Minute);

        Assert.True(await Videos.RenewAsync(upload, Now + (2 * Minute), Cancel));
        Assert.Empty(await TakeAsync(Now + Minute));
        Assert.Equal([upload], await TakeAsync(Now + (2 * Minute)));

        Assert.False(await Videos.RenewAsync(upload, Now + Grace, Cancel));
        Assert.False(await Videos.RenewAsync((await AddVideoAsync(user)).VideoId, Now + Grace, Cancel));
        Assert.False(await Videos.RenewAsync(Samples.Id(), Now + Grace, Cancel));
    }

    [Fact]
    public async Task An_abandoned_upload_goes_at_once_or_when_its_media_are_removed()
    {
        var user = await AddUserAsync();
        var (empty, begun) = (await BeginAsync(user), await BeginAsync(user));
        for (var time = 0; time < 2; time++)
        {
            await Videos.AbandonAsync(empty, mayHaveMedia: false, Now, Cancel);
            await Videos.AbandonAsync(begun, mayHaveMedia: true, Now, Cancel);
        }

        Assert.Equal([new DueVideo(begun, WasUploading: true, WasLookedAt: false)], await Removals.TakeDueAsync(Now, Now + Minute, 10, Cancel));
        Assert.Empty((await Lists.ListOfUserAsync(user, null, 10, Cancel)).Videos);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_video_is_not_abandoned(bool mayHaveMedia)
    {
        var user = await AddUserAsync();
        var (stored, deleted) = (await AddVideoAsync(user), await AddDeletedAsync(user));

        await Videos.AbandonAsync(stored.VideoId, mayHaveMedia, Now, Cancel);
        await Videos.AbandonAsync(deleted.VideoId, mayHaveMedia, Now, Cancel);
        await Videos.AbandonAsync(Samples.Id(), mayHaveMedia, Now, Cancel);

        Assert.Equal(stored, await Videos.FindAsync(stored.VideoId, Cancel));
        Assert.Equal(deleted, await Videos.FindAsync(deleted.VideoId, Cancel));
    }

    [Fact]
    public async Task A_deleted_video_is_restored_until_it_is_due()
    {
        var video = await AddVideoAsync(await AddUserAsync());
        Assert.False(await Videos.RestoreAsync(video.VideoId, Now, Cancel));

        Assert.True(await DeleteAsync(video.VideoId, Now + Minute));
        Assert.False(await DeleteAsync(video.VideoId, Now + (2 * Minute)));
        Assert.Equal(video with { DeletedAt = Now + Minute, RemovedAt = Now + Minute + Grace }, await Videos.FindAsync(video.VideoId, Cancel));

        Assert.False(await Videos.RestoreAsync(video.VideoId, Now + Minute + Grace, Cancel));
        Assert.True(await Videos.RestoreAsync(video.VideoId, Now + Grace, Cancel));
        Assert.False(await Videos.RestoreAsync(video.VideoId, Now + Grace, Cancel));
        Assert.Equal(video, await Videos.FindAsync(video.VideoId, Cancel));
    }

    [Theory]
    [InlineData("2026-03-14T09:30:00Z", "2026-03-14T09:40:00Z", "2026-03-15T00:00:00Z")]
    [InlineData("2026-03-14T23:59:59.999Z", "2026-03-15T00:10:00Z", "2026-03-15T00:10:00Z")]
    [InlineData("2026-03-14T00:00:00Z", "2026-03-14T00:00:00Z", "2026-03-15T00:00:00Z")]
    [InlineData("2026-03-14T09:30:00Z", "2026-03-21T09:30:00+02:00", "2026-03-21T07:30:00Z")]
    public async Task A_deleted_video_stays_until_the_day_of_its_upload_is_over(string uploadedAt, string dueAt, string expected)
    {
        var user = await AddUserAsync();
        var (one, all) = (await AddVideoAsync(user, At(uploadedAt)), await AddVideoAsync(user, At(uploadedAt)));

        Assert.True(await Videos.DeleteAsync(one.VideoId, At(uploadedAt), At(dueAt), Cancel));
        Assert.Equal([all.VideoId], await Lists.DeleteAsync(user, At(uploadedAt), At(dueAt), 10, Cancel));

        Assert.Equal(At(expected), (await Videos.FindAsync(one.VideoId, Cancel))!.RemovedAt);
        Assert.Equal(At(expected), (await Videos.FindAsync(all.VideoId, Cancel))!.RemovedAt);
    }

    [Fact]
    public async Task What_was_never_stored_or_is_being_removed_is_neither_found_nor_deleted_nor_restored()
    {
        var user = await AddUserAsync();
        var (uploading, removing) = (await BeginAsync(user, Now + Grace + Grace), (await AddDeletedAsync(user)).VideoId);
        Assert.Equal([removing], await TakeAsync(Now + Grace));

        foreach (var id in (Guid[])[uploading, removing, Samples.Id()])
        {
            Assert.Null(await Videos.FindAsync(id, Cancel));
            Assert.False(await DeleteAsync(id));
            Assert.False(await Videos.RestoreAsync(id, Now, Cancel));
        }
    }

    [Fact]
    public async Task Rows_have_the_columns_of_the_system_before()
    {
        var user = await AddUserAsync();
        var video = await AddVideoAsync(user, bytes: 1_572_864);

        var id = video.VideoId.ToString();
        Assert.Equal((id, $"videos/{id}", 1.5), await ReadNamesAndSizeAsync(video.VideoId));
    }

    protected abstract Task<(string FileName, string FilePath, double SizeMb)> ReadNamesAndSizeAsync(Guid videoId);

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime();
}

public sealed class SqliteVideoStoreTests() : VideoStoreContract(new EmbeddedFixture())
{
    protected override Task<(string FileName, string FilePath, double SizeMb)> ReadNamesAndSizeAsync(Guid videoId) =>
        ((EmbeddedFixture)Fixture).Database.Analytics.ReadAsync(
            c => c.Query(
                r => (r.GetString(0), r.GetString(1), r.GetDouble(2)),
                "SELECT filename, filepath, size_mb FROM videos WHERE id = $id", ("$id", videoId.ToBlob())).Single(),
            Cancel);
}

[Collection(ServersTests.Name)]
public sealed class PostgresVideoStoreTests() : VideoStoreContract(new ServersFixture())
{
    protected override async Task<(string FileName, string FilePath, double SizeMb)> ReadNamesAndSizeAsync(Guid videoId)
    {
        await using var select = ServersFixture.Connections.Analytics.CreateCommand("SELECT filename, filepath, size_mb FROM videos WHERE id = $1");
        select.Parameters.AddWithValue(videoId);
        await using var reader = await select.ExecuteReaderAsync(Cancel);
        Assert.True(await reader.ReadAsync(Cancel));
        return (reader.GetString(0), reader.GetString(1), reader.GetDouble(2));
    }
}

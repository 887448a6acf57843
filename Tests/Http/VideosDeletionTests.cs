using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class VideosDeletionTests
{
    private const string DeletedRow =
        "id:String user_id:String filename:String title:String uploaded_at:String deleted_at:String removed_at:String "
        + "size_mb:Number size_bytes:Number format:String duration_seconds:Null playable:Null reason:Null codec:Null";

    private const string Deleted = """{"message":"Video deleted successfully (soft delete)"}""";
    private const string Restored = """{"message":"Video restored successfully"}""";
    private const string Refusal = "Unauthorized or video not found";

    private readonly StreamingApplication application;
    private readonly Api api;
    private readonly Guid user;

    public VideosDeletionTests(StreamingApplication application)
    {
        this.application = application;
        api = application.Api;
        user = application.TakeUser();
    }

    private (string, string) Owner => application.Token(user);

    [Fact]
    public async Task Deleted_video_is_gone_at_once_and_can_be_restored_until_it_is_removed()
    {
        var id = await Clip.UploadAsync(application, user, 3 * Clip.Megabyte);

        Assert.Equal(Deleted, (await DeleteAsync(id, Owner)).IsJson().Text);

        Assert.Empty(await ListAsync());
        var row = Assert.Single(await ListDeletedAsync());
        Assert.Equal(DeletedRow, Shape.Of(row));
        Assert.Equal(id, row.GetProperty("id").GetGuid());
        Assert.True(row.GetProperty("removed_at").GetDateTimeOffset() > row.GetProperty("deleted_at").GetDateTimeOffset().AddDays(6));
        Assert.Equal(0, await StoredAsync());

        Assert.Equal(Restored, (await RestoreAsync(id, Owner)).IsJson().Text);

        Assert.Equal(id, Assert.Single(await ListAsync()).GetProperty("id").GetGuid());
        Assert.Empty(await ListDeletedAsync());
        Assert.Equal(3, await StoredAsync());
    }

    [Fact]
    public async Task Deleting_and_restoring_may_be_repeated()
    {
        var id = await Clip.UploadAsync(application, user, 100);

        Assert.Equal(Restored, (await RestoreAsync(id, Owner)).IsJson().Text);
        for (var i = 0; i < 2; i++)
            Assert.Equal(Deleted, (await DeleteAsync(id, Owner)).IsJson().Text);

        for (var i = 0; i < 2; i++)
            Assert.Equal(Restored, (await RestoreAsync(id, Owner)).IsJson().Text);

        Assert.Single(await ListAsync());
    }

    [Fact]
    public async Task Only_the_owner_and_administrators_delete_and_restore()
    {
        var id = await Clip.UploadAsync(application, user, 100);
        var stranger = application.TakeUser();

        (await DeleteAsync(id, application.Token(stranger))).IsProblem(403, message: Refusal);
        (await api.SendAsync("DELETE", $"/api/videos/delete/{id}", null)).IsProblem(401, error: "Token not provided");
        Assert.Single(await ListAsync());
        await Logged.AsAsync(api, stranger, application.Token(stranger), $"DELETE_VIDEO / VideoDeleteService / Error: {Refusal}");

        (await DeleteAsync(id, application.Administrator())).IsJson();
        Assert.Empty(await ListAsync());
        (await RestoreAsync(id, application.Token(stranger))).IsProblem(404, message: "Video not found");
        (await api.PostAsync($"/api/videos/restore/{id}")).IsProblem(401, error: "Token not provided");
        (await RestoreAsync(id, application.Administrator())).IsJson();
        Assert.Single(await ListAsync());
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("7d13bded8b2c13b5cb14640d3a4252f4")]
    public async Task What_is_no_video_cannot_be_deleted(string filename)
    {
        foreach (var caller in ((string, string)[])[Owner, application.Administrator()])
            (await api.SendAsync("DELETE", $"/api/videos/delete/{filename}", null, caller)).IsProblem(403, message: Refusal);
    }

    [Fact]
    public async Task Delete_all_deletes_ones_own_and_nobody_elses()
    {
        var other = application.TakeUser();
        var theirs = await Clip.UploadAsync(application, other, 100);
        var ids = new List<Guid>();
        for (var i = 0; i < 3; i++)
            ids.Add(await Clip.UploadAsync(application, user, 100));

        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(
                """{"message":"All videos deleted successfully (soft delete)"}""",
                (await api.SendAsync("DELETE", "/api/videos/delete-all", null, Owner)).IsJson().Text);
        }

        Assert.Empty(await ListAsync());
        Assert.Equal(ids.Order(), (await ListDeletedAsync()).Select(row => row.GetProperty("id").GetGuid()).Order());
        (await RestoreAsync(theirs, application.Token(other))).IsJson();
        (await RestoreAsync(ids[1], Owner)).IsJson();
        Assert.Equal(ids[1], Assert.Single(await ListAsync()).GetProperty("id").GetGuid());
        await Logged.AsAsync(api, user, Owner, $"FETCH_USER_VIDEOS / VideoFetchService / User fetched videos for user_id {user} with pagination");
    }

    [Fact]
    public async Task Video_that_does_not_fit_any_more_stays_deleted()
    {
        var first = await Clip.UploadAsync(application, user, 30 * Clip.Megabyte);
        (await DeleteAsync(first, Owner)).IsJson();
        var second = await Clip.UploadAsync(application, user, 30 * Clip.Megabyte);

        (await RestoreAsync(first, Owner)).IsProblem(400, message: "Exceeding total storage limit of 50MB", limit: "storage");
        await Logged.AsAsync(api, user, Owner, "RESTORE_VIDEO / VideoDeleteService / Error: Exceeding total storage limit of 50MB");

        (await DeleteAsync(second, Owner)).IsJson();
        (await RestoreAsync(first, Owner)).IsJson();
        await Logged.AsAsync(api, user, Owner, $"RESTORE_VIDEO / VideoDeleteService / User restored video {first}");
    }

    [Fact]
    public async Task Deleted_videos_are_paged_by_their_links()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 7; i++)
            ids.Add(await Clip.UploadAsync(application, user, 100));

        foreach (var id in ids)
            (await DeleteAsync(id, Owner)).IsJson();

        var rows = new List<JsonElement>();
        var pages = 0;
        for (string? next = "/api/videos/deleted?limit=3"; next is not null; pages++)
        {
            var page = (await api.GetAsync(next, Owner)).IsJson();
            rows.AddRange(page.Json.GetProperty("videos").EnumerateArray());
            next = page.Next;
        }

        Assert.Equal(3, pages);
        Assert.Equal(ids.Order(), rows.Select(row => row.GetProperty("id").GetGuid()).Order());
        var moments = rows.Select(row => row.GetProperty("deleted_at").GetDateTimeOffset()).ToList();
        Assert.Equal(moments.OrderDescending(), moments);
    }

    private Task<Answer> DeleteAsync(Guid id, (string, string) caller) => api.SendAsync("DELETE", $"/api/videos/delete/{id}", null, caller);

    private Task<Answer> RestoreAsync(Guid id, (string, string) caller) => api.PostAsync($"/api/videos/restore/{id}", null, caller);

    private Task<List<JsonElement>> ListAsync() => RowsAsync($"/api/videos/user/{user}");

    private Task<List<JsonElement>> ListDeletedAsync() => RowsAsync("/api/videos/deleted");

    private async Task<List<JsonElement>> RowsAsync(string path) =>
        [.. (await api.GetAsync(path, Owner)).IsJson().Json.GetProperty("videos").EnumerateArray()];

    private async Task<double> StoredAsync() =>
        (await api.GetAsync("/api/storage/usage", Owner)).IsJson().Json.GetProperty("totalSizeMb").GetDouble();
}

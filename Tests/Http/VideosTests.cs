using System.Text.Json;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class VideosTests
{
    private const string Row =
        "id:String user_id:String filename:String filepath:String title:String uploaded_at:String deleted_at:Null "
        + "size_mb:Number size_bytes:Number format:String duration_seconds:Null playable:Null reason:Null codec:Null";

    private static readonly DateTimeOffset Moment = new(2026, 5, 4, 20, 15, 0, TimeSpan.Zero);

    private readonly StreamingApplication application;
    private readonly Api api;
    private readonly Guid user;

    public VideosTests(StreamingApplication application)
    {
        this.application = application;
        api = application.Api;
        user = application.TakeUser();
    }

    private (string, string) Owner => application.Token(user);

    private string OfUser => $"/api/videos/user/{user}";

    [Fact]
    public async Task Row_has_the_fields_of_the_system_before_and_an_address_that_needs_no_token()
    {
        var id = await Clip.UploadAsync(application, user, 1_572_864, "Ünï 🎬 <b>");

        var list = (await api.GetAsync(OfUser, Owner)).IsJson().Json;

        Assert.Equal("videos:Array total:Number", Shape.Of(list));
        var row = Assert.Single(list.GetProperty("videos").EnumerateArray());
        Assert.Equal(Row, Shape.Of(row));
        Assert.Equal(id, row.GetProperty("id").GetGuid());
        Assert.Equal(user, row.GetProperty("user_id").GetGuid());
        Assert.Equal(id.ToString(), row.GetProperty("filename").GetString());
        Assert.Equal("Ünï 🎬 <b>", row.GetProperty("title").GetString());
        Assert.Equal(1.5, row.GetProperty("size_mb").GetDouble());
        Assert.Equal(1_572_864, row.GetProperty("size_bytes").GetInt64());
        Assert.Equal("mp4", row.GetProperty("format").GetString());
        Shape.IsMoment(row.GetProperty("uploaded_at"));
        var url = new Uri(row.GetProperty("filepath").GetString()!, UriKind.Absolute);
        Assert.EndsWith($"/{id}.mp4", url.AbsolutePath, StringComparison.Ordinal);
        Assert.Single(url.OriginalString.Split(".mp4")[..^1]);
    }

    [Fact]
    public async Task Pages_by_number_have_sixteen_videos_and_the_total_newest_first()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 35; i++)
            ids.Add(await Clip.StoreAsync(application, user, Moment.AddSeconds(-i)));

        var pages = new List<JsonElement>();
        foreach (var start in (int[])[0, 16, 32, 48, int.MaxValue])
            pages.Add((await api.GetAsync($"{OfUser}?start={start}", Owner)).IsJson().Json);

        Assert.All(pages, page => Assert.Equal(35, page.GetProperty("total").GetInt64()));
        Assert.Equal([16, 16, 3, 0, 0], pages.Select(page => page.GetProperty("videos").GetArrayLength()));
        Assert.Equal(ids, pages.SelectMany(Ids));
        Assert.Equal(ids.Take(16), Ids((await api.GetAsync(OfUser, Owner)).IsJson().Json));
        Assert.Equal(ids.Skip(4).Take(16), Ids((await api.GetAsync($"{OfUser}?start=4", Owner)).IsJson().Json));
    }

    [Fact]
    public async Task Videos_of_one_moment_are_each_on_one_page()
    {
        var ids = new List<Guid>();
        for (var i = 0; i < 33; i++)
            ids.Add(await Clip.StoreAsync(application, user, Moment));

        var byNumber = new List<Guid>();
        foreach (var start in (int[])[0, 16, 32])
            byNumber.AddRange(Ids((await api.GetAsync($"{OfUser}?start={start}", Owner)).IsJson().Json));

        var byCursor = new List<Guid>();
        for (string? next = $"{OfUser}?limit=10"; next is not null;)
        {
            var page = (await api.GetAsync(next, Owner)).IsJson();
            Assert.False(page.Json.TryGetProperty("total", out _));
            byCursor.AddRange(Ids(page.Json));
            next = page.Next;
        }

        Assert.Equal(ids.Order(), byNumber.Order());
        Assert.Equal(byNumber, byCursor);
    }

    [Fact]
    public async Task Everybodys_list_is_for_every_account_with_addresses_of_its_own()
    {
        var other = application.TakeUser();
        var mine = await Clip.UploadAsync(application, user, 10);
        var theirs = await Clip.UploadAsync(application, other, 10);

        var list = (await api.GetAsync("/api/videos/stream?limit=200", Owner)).IsJson().Json;
        var counted = (await api.GetAsync("/api/videos/stream?start=0", application.Token(other))).IsJson().Json;

        Assert.Superset(new HashSet<Guid> { mine, theirs }, Ids(list).ToHashSet());
        Assert.Equal([theirs, mine], Ids(list).Where(id => id == mine || id == theirs));
        Assert.True(counted.GetProperty("total").GetInt64() >= 2);
        Assert.NotEqual(Filepath(list, mine), Filepath((await api.GetAsync(OfUser, application.Administrator())).Json, mine));
        (await api.GetAsync("/api/videos/stream")).IsProblem(401, error: "Token not provided");
    }

    [Fact]
    public async Task Persons_list_is_for_its_owner_and_administrators()
    {
        var stranger = application.TakeUser();

        (await api.GetAsync(OfUser)).IsProblem(401, error: "Token not provided");
        (await api.GetAsync(OfUser, application.Token(stranger))).IsProblem(403, message: "Unauthorized to fetch this user's videos");
        (await api.GetAsync("/api/videos/user/nobody", application.Token(stranger))).IsProblem(403);
        (await api.GetAsync("/api/videos/user/nobody", application.Administrator())).IsProblem(400, "uid");
        (await api.GetAsync(OfUser, application.Administrator())).IsJson();
        Assert.Equal("""{"videos":[],"total":0}""", (await api.GetAsync($"/api/videos/user/{Guid.NewGuid()}", application.Administrator())).IsJson().Text);
        await Logged.AsAsync(
            api, stranger, application.Token(stranger), "FETCH_USER_VIDEOS / VideoFetchService / Error: Unauthorized to fetch this user's videos");
    }

    [Theory]
    [InlineData("start=-1", "start")]
    [InlineData("start=x", "start")]
    [InlineData("start=0&limit=5", "start")]
    [InlineData("limit=0", "limit")]
    [InlineData("limit=201", "limit")]
    [InlineData("cursor=x", "cursor")]
    public async Task Query_that_makes_no_sense_is_refused(string query, string field)
    {
        (await api.GetAsync($"{OfUser}?{query}", Owner)).IsProblem(400, field);
        (await api.GetAsync($"/api/videos/stream?{query}", Owner)).IsProblem(400, field);
    }

    [Fact]
    public async Task Lists_are_in_the_log_as_before()
    {
        (await api.GetAsync("/api/videos/stream?start=0", Owner)).IsJson();
        await Logged.AsAsync(api, user, Owner, "FETCH_VIDEOS / VideoFetchService / User fetched videos with pagination");

        (await api.GetAsync(OfUser, Owner)).IsJson();
        await Logged.AsAsync(api, user, Owner, $"FETCH_USER_VIDEOS / VideoFetchService / User fetched videos for user_id {user} with pagination");
    }

    private static IEnumerable<Guid> Ids(JsonElement list) => list.GetProperty("videos").EnumerateArray().Select(row => row.GetProperty("id").GetGuid());

    private static string? Filepath(JsonElement list, Guid id) =>
        list.GetProperty("videos").EnumerateArray().Single(row => row.GetProperty("id").GetGuid() == id).GetProperty("filepath").GetString();
}

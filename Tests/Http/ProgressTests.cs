using System.Diagnostics;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ProgressTests(StreamingApplication application)
{
    private const int Duration = 3_000;
    private const string Saved =
        "content_id:String resume_position_seconds:Number watched:Bool duration_watched_seconds:Number view_counted:Bool counted_before:Bool";

    private const string Position = "content_id:String position_seconds:Number duration_seconds:Number watched:Bool updated_at:String";

    private readonly Api api = application.Api;
    private readonly Guid title = application.TakeTitle();
    private readonly Guid user = application.TakeUser();

    private string Path => $"/api/v1/users/{user}/progress/{title}";

    [Fact]
    public async Task Heartbeats_of_ten_seconds_count_one_view_for_a_viewer_and_title_in_an_hour()
    {
        // A view an hour: over the turn of an hour there are rightly two.
        var hour = await PlayTwoSessionsAsync(title, user);
        if (hour != DateTimeOffset.UtcNow.Hour)
            Assert.Equal(DateTimeOffset.UtcNow.Hour, await PlayTwoSessionsAsync(application.TakeTitle(), application.TakeUser()));
    }

    [Fact]
    public async Task Requests_that_come_at_once_fake_no_view()
    {
        var titles = Enumerable.Range(0, 38).Select(_ => application.TakeTitle()).ToList();
        var begun = Stopwatch.StartNew();
        var answers = await Task.WhenAll(titles.SelectMany(_ => (int[])[0, 15, 0, 15, 30])
            .Zip(titles.SelectMany(other => Enumerable.Repeat(other, 5)), (position, other) => api.PutAsync($"/api/v1/users/{user}/progress/{other}", Beat(position, "s"))));

        // On a machine that took so long it might rightly be one.
        if (begun.Elapsed < TimeSpan.FromSeconds(5))
            Assert.All(answers, answer => Assert.False(answer.IsJson().Json.GetProperty("view_counted").GetBoolean()));

        Assert.All(answers, answer => Assert.InRange(answer.IsJson().Json.GetProperty("duration_watched_seconds").GetDouble(), 0, 15 + (2 * begun.Elapsed.TotalSeconds)));
    }

    [Fact]
    public async Task Field_that_is_there_twice_is_refused() =>
        (await api.PutAsync(Path, """{"position_seconds":5,"session_id":"s","position_seconds":500}""")).IsProblem(400, "position_seconds");

    [Fact]
    public async Task Heartbeat_may_be_posted_and_tells_when_it_was_made_and_that_playback_ended()
    {
        var (made, late) = (DateTimeOffset.UtcNow.AddMinutes(-10), DateTimeOffset.UtcNow.AddMinutes(-20));
        Assert.Equal(500, Resume((await api.PostAsync(Path, BeatAt(500, "tv", $"{made:yyyy-MM-dd'T'HH:mm:ss.fffffff}89Z"))).IsJson()));
        Assert.Equal(500, Resume((await api.PutAsync(Path, BeatAt(700, "phone", $"{late.ToOffset(TimeSpan.FromHours(-5)):yyyy-MM-dd't'HH:mm:sszzz}"))).IsJson()));
        Assert.Equal(505, Resume((await api.PutAsync(Path, """{"position_seconds":505,"duration_seconds":1000,"session_id":"tv"}""")).IsJson()));
        await Poll.UntilAsync(async () => await WatchingAsync() == 1 ? null : "nobody is seen to watch");
        var stopped = (await api.PostAsync(Path, """{"position_seconds":510,"session_id":"tv","stopped":true}""")).IsJson();
        Assert.Equal(Saved, Shape.Of(stopped.Json));
        Assert.Equal(0, await WatchingAsync());

        async Task<int> WatchingAsync() => (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("watching_now").GetInt32();

        static string BeatAt(int position, string session, string watchedAt) =>
            $$"""{"position_seconds":{{position}},"duration_seconds":{{Duration}},"session_id":"{{session}}","watched_at":"{{watchedAt}}"}""";
    }

    [Fact]
    public async Task Position_is_forgotten_on_demand()
    {
        await BeatAsync(500);
        (await api.SendAsync("DELETE", Path, null)).Is(204);
        (await api.GetAsync(Path)).IsProblem(404);
        (await api.SendAsync("DELETE", Path, null)).Is(204);
        Assert.Equal("[]", (await api.GetAsync($"/api/v1/users/{user}/progress")).IsJson().Text);
        Assert.Equal(1, (await api.GetAsync($"/api/v1/content/users/{user}/watch-history")).IsJson().Json.EnumerateArray()
            .Count(row => row.GetProperty("content_id").GetGuid() == title));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("0.4")]
    [InlineData("null")]
    [InlineData(null)]
    public async Task Position_is_kept_before_the_player_knows_the_duration(string? duration)
    {
        var minutes = (await api.GetAsync($"/api/v1/content/{title}")).IsJson().Json.GetProperty("duration_minutes");
        var length = minutes.ValueKind == System.Text.Json.JsonValueKind.Null ? 0 : minutes.GetInt32() * 60;
        var position = length == 0 ? 1_800 : length / 2;
        var part = duration is null ? "" : $"\"duration_seconds\":{duration},";
        var saved = (await api.PutAsync(Path, $$"""{{{part}}"position_seconds":{{position}}.5,"session_id":"s"}""")).IsJson();

        Assert.Equal((position, false), (Resume(saved), saved.Json.GetProperty("watched").GetBoolean()));
        Assert.Equal(length, (await api.GetAsync(Path)).IsJson().Json.GetProperty("duration_seconds").GetInt32());
    }

    [Fact]
    public async Task Position_is_saved_and_read_back()
    {
        var saved = (await BeatAsync(300)).Json;
        Assert.Equal(Saved, Shape.Of(saved));
        Assert.Equal(title, saved.GetProperty("content_id").GetGuid());

        var position = (await api.GetAsync(Path)).IsJson().Json;

        Assert.Equal(Position, Shape.Of(position));
        Assert.Equal(300, position.GetProperty("position_seconds").GetInt32());
        Assert.Equal(Duration, position.GetProperty("duration_seconds").GetInt32());
        Assert.False(position.GetProperty("watched").GetBoolean());
        Shape.IsMoment(position.GetProperty("updated_at"));
    }

    [Theory]
    [InlineData("812.437", "5400.04", 812, 5_400)]
    [InlineData("8.12437e2", "5.4e3", 812, 5_400)]
    [InlineData("\"812.437\"", "\"5400\"", 812, 5_400)]
    public async Task Fractions_of_seconds_are_floored(string position, string duration, int kept, int of)
    {
        var saved = (await api.PutAsync(Path, $$"""{"position_seconds":{{position}},"duration_seconds":{{duration}},"session_id":"s"}""")).IsJson();

        Assert.Equal(kept, Resume(saved));
        Assert.Equal(of, (await api.GetAsync(Path)).IsJson().Json.GetProperty("duration_seconds").GetInt32());
    }

    [Theory]
    [InlineData("3601", "3600")]
    [InlineData("3600.4", "3600")]
    [InlineData("3600.9", "3600.2")]
    [InlineData("5000", "3600")]
    public async Task A_position_past_the_end_is_watched(string position, string duration)
    {
        var saved = (await api.PutAsync(Path, $$"""{"position_seconds":{{position}},"duration_seconds":{{duration}},"session_id":"s"}""")).IsJson();

        Assert.Equal((0, true), (Resume(saved), saved.Json.GetProperty("watched").GetBoolean()));
    }

    [Fact]
    public async Task A_players_duration_of_a_second_watches_no_film()
    {
        var film = title;
        while ((await api.GetAsync($"/api/v1/content/{film}")).IsJson().Json.GetProperty("duration_minutes").ValueKind == System.Text.Json.JsonValueKind.Null)
            film = application.TakeTitle();

        var saved = (await api.PutAsync($"/api/v1/users/{user}/progress/{film}", """{"position_seconds":1,"duration_seconds":1,"session_id":"s"}""")).IsJson();

        Assert.Equal((1, false), (Resume(saved), saved.Json.GetProperty("watched").GetBoolean()));
    }

    [Fact]
    public async Task Position_is_forgotten_near_the_start_and_after_the_end_and_watched_stays()
    {
        Assert.Equal(0, Resume(await BeatAsync(149)));
        Assert.Equal(150, Resume(await BeatAsync(150)));
        Assert.Equal(2_700, Resume(await BeatAsync(2_700)));
        var finished = await BeatAsync(2_701);
        Assert.Equal(0, Resume(finished));
        Assert.True(finished.Json.GetProperty("watched").GetBoolean());

        var again = await BeatAsync(200, session: "again");

        Assert.Equal(200, Resume(again));
        Assert.True(again.Json.GetProperty("watched").GetBoolean());
    }

    [Fact]
    public async Task Titles_begun_are_listed_newest_first_and_finished_ones_not()
    {
        var titles = Enumerable.Range(0, 4).Select(_ => application.TakeTitle()).ToList();
        foreach (var begun in titles)
        {
            // Two heartbeats of one millisecond would have no order.
            await Poll.UntilAsync(async () => await LatestAsync() != DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() ? null : "same millisecond");
            (await api.PutAsync($"/api/v1/users/{user}/progress/{begun}", Beat(500, "s"))).IsJson();
        }

        (await api.PutAsync($"/api/v1/users/{user}/progress/{titles[1]}", Beat(Duration, "s"))).IsJson();

        var list = (await api.GetAsync($"/api/v1/users/{user}/progress")).IsJson().Json;
        Assert.All(list.EnumerateArray(), position => Assert.Equal(Position, Shape.Of(position)));
        Assert.Equal([titles[3], titles[2], titles[0]], list.EnumerateArray().Select(position => position.GetProperty("content_id").GetGuid()));
        Assert.Equal(2, (await api.GetAsync($"/api/v1/users/{user}/progress?limit=2")).IsJson().Json.GetArrayLength());
    }

    [Fact]
    public async Task Session_appears_in_the_watch_history()
    {
        await BeatAsync(100);
        await BeatAsync(112);

        var row = (await api.GetAsync($"/api/v1/content/users/{user}/watch-history")).IsJson().Json[0];

        Assert.Equal(title, row.GetProperty("content_id").GetGuid());
        Assert.Equal(112, row.GetProperty("last_position_seconds").GetInt32());
        Assert.Equal(12, row.GetProperty("duration_watched_seconds").GetInt32());
        Assert.False(row.GetProperty("watched").GetBoolean());
    }

    [Fact]
    public async Task Seeking_is_not_watching()
    {
        await BeatAsync(100);

        var answer = await BeatAsync(800);

        Assert.False(answer.Json.GetProperty("view_counted").GetBoolean());
        Assert.InRange(answer.Json.GetProperty("duration_watched_seconds").GetInt32(), 0, 9);
    }

    [Fact]
    public async Task Unknown_person_and_title_are_not_found()
    {
        (await api.PutAsync($"/api/v1/users/{Guid.NewGuid()}/progress/{title}", Beat(1, "s"))).IsProblem(404, message: "User not found");
        (await api.PutAsync($"/api/v1/users/{user}/progress/{Guid.NewGuid()}", Beat(1, "s"))).IsProblem(404, message: "Content not found");
        (await api.GetAsync($"/api/v1/users/{user}/progress/{Guid.NewGuid()}")).IsProblem(404);
        Assert.Equal("[]", (await api.GetAsync($"/api/v1/users/{Guid.NewGuid()}/progress")).IsJson().Text);
    }

    private static string Beat(int position, string session) =>
        $$"""{"position_seconds":{{position}},"duration_seconds":{{Duration}},"session_id":"{{session}}"}""";

    private static int Resume(Answer answer) => answer.Json.GetProperty("resume_position_seconds").GetInt32();

    private async Task<int> PlayTwoSessionsAsync(Guid contentId, Guid userId)
    {
        var hour = DateTimeOffset.UtcNow.Hour;
        var path = $"/api/v1/users/{userId}/progress/{contentId}";
        var before = await ViewsAsync(contentId);
        var counted = new Dictionary<string, bool>();
        foreach (var session in (string[])["first", "second"])
            Assert.False((await api.PutAsync(path, Beat(100, session))).IsJson().Json.GetProperty("view_counted").GetBoolean());

        // Both play, and count as soon as the clock allows it.
        var position = 100;
        await Poll.UntilAsync(async () =>
        {
            position++;
            foreach (var session in (string[])["first", "second"])
            {
                var answer = (await api.PutAsync(path, Beat(Math.Min(position, 899), session))).IsJson().Json;
                if (answer.GetProperty("view_counted").GetBoolean())
                    counted.TryAdd(session, answer.GetProperty("counted_before").GetBoolean());
            }

            return counted.Count == 2 ? null : $"{counted.Count} sessions of two say that they are a view";
        });
        if (hour == DateTimeOffset.UtcNow.Hour)
            Assert.Equal([false, true], counted.Values.Order());

        await Poll.UntilAsync(async () => await ViewsAsync(contentId) is var views && (views == before + 1 || hour != DateTimeOffset.UtcNow.Hour)
            ? null
            : $"{views} views, not {before + 1}");
        return hour;
    }

    private async Task<Answer> BeatAsync(int position, string session = "first") => (await api.PutAsync(Path, Beat(position, session))).IsJson();

    private async Task<long> LatestAsync()
    {
        var list = (await api.GetAsync($"/api/v1/users/{user}/progress?limit=1")).IsJson().Json;
        return list.GetArrayLength() == 0 ? 0 : list[0].GetProperty("updated_at").GetDateTimeOffset().ToUnixTimeMilliseconds();
    }

    private async Task<long> ViewsAsync(Guid contentId) =>
        (await api.GetAsync($"/api/v1/content/{contentId}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();
}

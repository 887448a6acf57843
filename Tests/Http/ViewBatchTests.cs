using System.Text;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class ViewBatchTests(StreamingApplication application)
{
    private const string Path = "/api/v1/views";
    private const string Fields = "message:String recorded:Number views:Number rejected:Array";

    private readonly Api api = application.Api;
    private readonly Guid first = application.TakeTitle();
    private readonly Guid second = application.TakeTitle();

    [Fact]
    public async Task Name_of_an_unknown_member_is_not_cut_within_a_character()
    {
        var begin = new string('a', 39);

        var answer = (await api.PostAsync("/api/v1/views", $$"""[{"content_id":"{{Guid.NewGuid()}}","count":1,"{{begin}}😀😀":1}]""")).IsJson().Json;

        Assert.Equal($"unknown member \"{begin}…\"; an entry has content_id, count and key", answer.GetProperty("rejected")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Array_of_entries_is_recorded()
    {
        var (one, two) = (await ViewsAsync(first), await ViewsAsync(second));

        var answer = (await api.PostAsync(Path, $"[{Entry(first, 3)},{Entry(second, 4)},{Entry(first, 5)}]")).IsJson().Json;

        Assert.Equal(Fields, Shape.Of(answer));
        Assert.Equal("""{"message":"Views recorded: 3 of 3 entries","recorded":3,"views":12,"rejected":[]}""", answer.GetRawText());
        Assert.Equal(one + 8, await ViewsAsync(first));
        Assert.Equal(two + 4, await ViewsAsync(second));
    }

    [Theory]
    [InlineData("application/x-ndjson")]
    [InlineData("application/ndjson")]
    [InlineData("application/jsonl")]
    [InlineData("application/x-jsonlines; charset=utf-8")]
    [InlineData("application/json-lines")]
    [InlineData("application/json")]
    public async Task Entries_on_lines_are_recorded(string contentType)
    {
        var (one, two) = (await ViewsAsync(first), await ViewsAsync(second));
        var body = $"{Entry(first, 1)}\n{Entry(second, 2)}\r\n\n{Entry(first, 4)}\n";

        var answer = (await api.SendAsync("POST", Path, Api.Bytes(Encoding.UTF8.GetBytes(body), contentType))).IsJson().Json;

        Assert.Equal("""{"message":"Views recorded: 3 of 3 entries","recorded":3,"views":7,"rejected":[]}""", answer.GetRawText());
        Assert.Equal(one + 5, await ViewsAsync(first));
        Assert.Equal(two + 2, await ViewsAsync(second));
    }

    [Theory]
    [InlineData("3.0")]
    [InlineData("3e0")]
    [InlineData("0.03E+2")]
    [InlineData("30000000000e-10")]
    [InlineData("\"3\"")]
    [InlineData("\"3.0\"")]
    public async Task A_whole_number_counts_however_it_is_written_in_a_batch_and_alone(string count)
    {
        var before = await ViewsAsync(first);

        var batch = (await api.PostAsync(Path, $$"""[{"content_id":"{{first}}","count":{{count}}}]""")).IsJson().Json;
        var alone = (await api.PostAsync($"/api/v1/content/{first}/views", $$"""{"count":{{count}}}""")).IsJson().Json;

        Assert.Equal((1, 3), (batch.GetProperty("recorded").GetInt32(), batch.GetProperty("views").GetInt32()));
        Assert.Equal(0, batch.GetProperty("rejected").GetArrayLength());
        Assert.Equal(3, alone.GetProperty("recorded").GetInt32());
        Assert.Equal(before + 6, await ViewsAsync(first));
    }

    [Fact]
    public async Task Entries_that_make_no_sense_are_rejected_by_index_and_the_others_recorded()
    {
        var (before, unknown) = (await ViewsAsync(first), Guid.NewGuid());
        string[] entries =
        [
            Entry(first, 2),
            "17",
            """{"content_id":"x","count":1}""",
            Entry(unknown, 1),
            Entry(first, 0),
            $$"""{"content_id":"{{first}}","count":1.5}""",
            $$"""{"content_id":"{{first}}","count":"one"}""",
            $$"""{"content_id":"{{first}}"}""",
            """{"count":1}""",
            $$"""{"content_id":"{{first}}","count":1,"key":"short"}""",
            $$"""{"content_id":"{{first}}","count":1,"key":7}""",
            Entry(first, 1_000_001),
            "null",
            $$"""[{"content_id":"{{first}}","count":1}]""",
            """{"content_id":{"a":[1]},"count":1,"more":{"b":[{}]}}""",
            $$"""{"idempotency_key":null,"count":5,"content_id":"{{first}}","key":null}""",
            $$"""{"more":[1,{"count":9}],"count":5,"content_id":"{{first}}"}""",
            $$"""{"count":5,"content_id":"{{first}}","idempotencyKey":"{{Guid.NewGuid()}}","a":1,"b":2,"{{new string('c', 100)}}":3}""",
            $$"""{"contentId":"{{first}}","count":1}""",
            $$"""{"content_id":"{{first}}","count":1,"count":2}""",
            $$"""{"content_id":"{{first}}","count":1,"key":"{{Guid.NewGuid()}}","idempotency_key":"{{Guid.NewGuid()}}"}""",
            $$"""{"content_id":"{{first}}","count":1,"idempotency_key":"short"}""",
        ];

        var answer = (await api.PostAsync(Path, $"[{string.Join(',', entries)}]")).IsJson().Json;

        Assert.Equal(Fields, Shape.Of(answer));
        Assert.Equal(2, answer.GetProperty("recorded").GetInt32());
        Assert.Equal(7, answer.GetProperty("views").GetInt32());
        var rejected = answer.GetProperty("rejected").EnumerateArray().ToList();
        Assert.All(rejected, entry => Assert.Equal("index:Number reason:String", Shape.Of(entry)));
        Assert.Equal("Views recorded: 2 of 22 entries; see rejected", answer.GetProperty("message").GetString());
        Assert.Equal([.. Enumerable.Range(1, 14), .. Enumerable.Range(16, 6)], rejected.Select(entry => entry.GetProperty("index").GetInt32()));
        Assert.Equal("Content not found", Reason(3));
        Assert.All([1, 12, 13], index => Assert.Equal("an entry must be an object", Reason(index)));
        Assert.All([2, 8], index => Assert.Equal("content_id must be a UUID", Reason(index)));
        Assert.Equal("content_id must be a UUID; unknown member \"more\"; an entry has content_id, count and key", Reason(14));
        Assert.Equal("unknown member \"more\"; an entry has content_id, count and key", Reason(16));
        Assert.Equal("unknown members \"idempotencyKey\", \"a\", \"b\" and 1 more; an entry has content_id, count and key", Reason(17));
        Assert.StartsWith("content_id must be a UUID; unknown member \"contentId\"", Reason(18), StringComparison.Ordinal);
        Assert.Equal("count is there twice", Reason(19));
        Assert.Equal("key and idempotency_key are the same thing, and differ here", Reason(20));
        Assert.StartsWith("idempotency_key must have", Reason(21), StringComparison.Ordinal);
        Assert.All([4, 5, 6, 7, 11], index => Assert.Equal("count must be a whole number from 1 to 1000000", Reason(index)));
        Assert.All([9, 10], index => Assert.StartsWith("key must have", Reason(index), StringComparison.Ordinal));
        Assert.Equal(before + 7, await ViewsAsync(first));

        string? Reason(int index) => rejected.Single(entry => entry.GetProperty("index").GetInt32() == index).GetProperty("reason").GetString();
    }

    [Fact]
    public async Task Batch_of_rejected_entries_alone_records_nothing() =>
        Assert.Equal(
            """{"message":"No views recorded: 0 of 1 entries; see rejected","recorded":0,"views":0,"rejected":[{"index":0,"reason":"Content not found"}]}""",
            (await api.PostAsync(Path, $"[{Entry(Guid.NewGuid(), 1)}]")).IsJson().Text);

    [Theory]
    [InlineData("key")]
    [InlineData("idempotency_key")]
    public async Task Entries_with_keys_count_once(string member)
    {
        var (before, key) = (await ViewsAsync(first), Guid.NewGuid().ToString());
        var body = $$"""[{"content_id":"{{first}}","count":3,"{{member}}":"{{key}}"},{"content_id":"{{first}}","count":1}]""";

        (await api.PostAsync(Path, body)).IsJson();
        (await api.PostAsync(Path, body.Replace(member, "key", StringComparison.Ordinal))).IsJson();

        await CountIsAsync(first, before + 3 + 2);
    }

    [Fact]
    public async Task Entries_that_repeat_the_title_and_key_of_another_are_told_so_and_do_not_count()
    {
        var (one, two, key) = (await ViewsAsync(first), await ViewsAsync(second), Guid.NewGuid().ToString());
        var unknown = Guid.NewGuid();
        string[] entries =
        [
            Entry(second, 1), Keyed(first, 3, key), Keyed(first, 3, key), Keyed(first, 4, key), Keyed(second, 5, key),
            Keyed(unknown, 1, key), Keyed(unknown, 1, key),
        ];

        var answer = (await api.PostAsync(Path, $"[{string.Join(',', entries)}]")).IsJson();

        Assert.Equal(
            """{"message":"Views recorded: 3 of 7 entries; see rejected","recorded":3,"views":9,"rejected":["""
            + """{"index":2,"reason":"its key is that of entry 1 for the same title, which counts once"},"""
            + """{"index":3,"reason":"its key is that of entry 1 for the same title, with another count"},"""
            + """{"index":5,"reason":"Content not found"},{"index":6,"reason":"Content not found"}]}""",
            answer.Text);
        await CountIsAsync(first, one + 3);
        await CountIsAsync(second, two + 6);
    }

    [Fact]
    public async Task Entry_whose_key_came_with_another_count_is_rejected()
    {
        var (before, key) = (await ViewsAsync(first), Guid.NewGuid().ToString());
        (await api.PostAsync(Path, $$"""[{"content_id":"{{first}}","count":3,"key":"{{key}}"}]""")).IsJson();

        var answer = (await api.PostAsync(Path, $$"""[{{Entry(second, 1)}},{"content_id":"{{first}}","count":4,"key":"{{key}}"}]""")).IsJson();

        Assert.Equal(
            """{"message":"Views recorded: 1 of 2 entries; see rejected","recorded":1,"views":1,"rejected":[{"index":1,"reason":"key was used for this title with another count"}]}""",
            answer.Text);
        await CountIsAsync(first, before + 3);
    }

    [Fact]
    public async Task Batch_repeated_under_its_key_counts_once()
    {
        var (one, two) = (await ViewsAsync(first), await ViewsAsync(second));
        var header = ("Idempotency-Key", Guid.NewGuid().ToString());
        var body = $"[{Entry(first, 3)},{Entry(second, 4)},{Entry(first, 5)}]";

        var answer = (await api.PostAsync(Path, body, header)).IsJson();
        var repeated = (await api.PostAsync(Path, body, header)).IsJson();
        await CountIsAsync(first, one + 8);
        await CountIsAsync(second, two + 4);
        var late = (await api.PostAsync(Path, body, header)).IsJson();

        Assert.Equal(answer.Text, repeated.Text);
        Assert.Equal(answer.Text, late.Text);
        await CountIsAsync(first, one + 8);
        (await api.PostAsync(Path, $"[{Entry(first, 1)}]", header)).IsProblem(422, "Idempotency-Key");
    }

    [Fact]
    public async Task Keys_of_entries_and_of_the_request_do_not_go_together() =>
        (await api.PostAsync(
            Path, $$"""[{"content_id":"{{first}}","count":3,"key":"{{Guid.NewGuid()}}"}]""", ("Idempotency-Key", Guid.NewGuid().ToString()))).IsProblem(400, "key");

    [Fact]
    public async Task Batch_has_ten_thousand_entries_at_most()
    {
        var before = await ViewsAsync(first);

        (await api.PostAsync(Path, $"[{Entries(10_001)}]")).IsProblem(413, "body");
        Assert.Equal(before, await ViewsAsync(first));
        (await api.PostAsync(Path, $"[{Entries(10_000)}]")).IsJson();

        Assert.Equal(before + 10_000, await ViewsAsync(first));
    }

    [Fact]
    public async Task Batch_has_two_megabytes_at_most()
    {
        var before = await ViewsAsync(first);
        var entry = $"[{Entry(first, 1)}]";
        const int Most = 2 * 1024 * 1024;

        (await api.PostAsync(Path, entry.PadRight(Most))).IsJson();
        (await api.PostAsync(Path, entry.PadRight(Most + 1))).IsProblem(413);
        (await UnfinishedRequest.SendAsync(api.Server, Path, entry.PadRight(Most + 1))).IsProblem(413);

        Assert.Equal(before + 1, await ViewsAsync(first));
    }

    private static string Entry(Guid title, int count) => $$"""{"content_id":"{{title}}","count":{{count}}}""";

    private static string Keyed(Guid title, int count, string key) => $$"""{"content_id":"{{title}}","count":{{count}},"key":"{{key}}"}""";

    private string Entries(int count) => string.Join(',', Enumerable.Repeat(Entry(first, 1), count));

    private async Task<long> ViewsAsync(Guid title) =>
        (await api.GetAsync($"/api/v1/content/{title}/details")).IsJson().Json.GetProperty("real_time_views").GetInt64();

    private Task CountIsAsync(Guid title, long expected) => Poll.UntilAsync(async () =>
        await ViewsAsync(title) is var views && views == expected ? null : $"{views} views, not {expected}");
}

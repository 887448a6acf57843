using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace Streaming.Tests.Http;

[Collection(HttpTests.Name)]
public sealed class MediaRangeTests(StreamingApplication application)
{
    private const int Length = 200_000;

    [Theory]
    [InlineData("bytes=0-0", 0, 1)]
    [InlineData("bytes=0-99999", 0, 100_000)]
    [InlineData("bytes=70000-140000", 70_000, 70_001)]
    [InlineData("bytes=199999-", 199_999, 1)]
    [InlineData("bytes=0-", 0, Length)]
    [InlineData("bytes=100-999999", 100, Length - 100)]
    [InlineData("bytes=-100", Length - 100, 100)]
    [InlineData("bytes=-999999", 0, Length)]
    public async Task Range_is_sent_alone(string range, int from, int count)
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await video.GetAsync(range);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(video.Bytes[from..(from + count)], body);
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"bytes {from}-{from + count - 1}/{Length}"), response.Content.Headers.ContentRange?.ToString());
        Assert.Equal(count, response.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Range_beyond_the_end_is_refused_with_the_length()
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await video.GetAsync($"bytes={Length}-");

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Empty(body);
        Assert.Equal($"bytes */{Length}", response.Content.Headers.ContentRange?.ToString());
    }

    [Fact]
    public async Task Several_ranges_are_answered_with_the_whole()
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await video.GetAsync("bytes=0-1,5-6");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(video.Bytes, body);
    }

    [Theory]
    [InlineData("bytes=99999999999999999999-")]
    [InlineData("bytes=18446744073709551616-18446744073709551617")]
    [InlineData("bytes=9223372036854775808-")]
    [InlineData("bytes=-0")]
    public async Task Range_in_numbers_of_any_length_that_begins_beyond_the_end_is_refused(string range)
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await AskAsync(video, HttpMethod.Get, range);

        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, response.StatusCode);
        Assert.Empty(body);
        Assert.Equal($"bytes */{Length}", response.Content.Headers.ContentRange?.ToString());
    }

    [Theory]
    [InlineData("bytes=10-99999999999999999999", 10)]
    [InlineData("bytes=-99999999999999999999", 0)]
    [InlineData("bytes=00000000000000000000199990-", Length - 10)]
    [InlineData("Bytes=199990-", Length - 10)]
    public async Task Range_that_only_ends_beyond_the_end_is_sent(string range, int from)
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await AskAsync(video, HttpMethod.Get, range);

        Assert.Equal(HttpStatusCode.PartialContent, response.StatusCode);
        Assert.Equal(video.Bytes[from..], body);
    }

    [Theory]
    [InlineData("items=0-5")]
    [InlineData("seconds=99999999999999999999-")]
    [InlineData("byte=0-5")]
    [InlineData("0-5")]
    [InlineData("bytes=5-2")]
    [InlineData("bytes=a-b")]
    [InlineData("bytes=")]
    [InlineData("bytes=-")]
    public async Task Range_that_is_none_in_bytes_is_answered_with_the_whole(string range)
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await AskAsync(video, HttpMethod.Get, range);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(video.Bytes, body);
    }

    [Theory]
    [InlineData("bytes=0-9")]
    [InlineData("bytes=999999-")]
    public async Task Range_is_nothing_to_who_asks_for_no_bytes(string range)
    {
        var video = await StoredVideo.MakeAsync(application, Length);

        var (response, body) = await AskAsync(video, HttpMethod.Head, range);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Empty(body);
        Assert.Equal(Length, response.Content.Headers.ContentLength);
        Assert.Null(response.Content.Headers.ContentRange);
        Assert.Equal("bytes", Assert.Single(response.Headers.AcceptRanges));
        await AskAsync(video, HttpMethod.Get, "bytes=0-0");
        await video.UntilDownloadedAsync(1);
    }

    [Fact]
    public async Task What_a_client_has_already_is_not_sent_again()
    {
        var video = await StoredVideo.MakeAsync(application);
        var tag = (await video.GetAsync()).Response.Headers.ETag!;
        Assert.False(tag.IsWeak);

        var (response, body) = await video.SendAsync(HttpMethod.Get, null, request => request.Headers.IfNoneMatch.Add(tag));

        Assert.Equal(HttpStatusCode.NotModified, response.StatusCode);
        Assert.Empty(body);
        Assert.Equal(tag, response.Headers.ETag);
        Assert.True(response.Headers.CacheControl!.Private);
    }

    [Fact]
    public async Task Range_of_a_file_that_the_client_has_begun_is_sent_and_of_another_the_whole()
    {
        var video = await StoredVideo.MakeAsync(application);
        var tag = (await video.GetAsync()).Response.Headers.ETag!;

        Assert.Equal(HttpStatusCode.PartialContent, (await Resume(tag)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await Resume(new EntityTagHeaderValue("\"another\""))).StatusCode);

        async Task<HttpResponseMessage> Resume(EntityTagHeaderValue begun) => (await video.SendAsync(HttpMethod.Get, null, request =>
        {
            request.Headers.Range = new RangeHeaderValue(500, null);
            request.Headers.IfRange = new RangeConditionHeaderValue(begun);
        })).Response;
    }

    [Fact]
    public async Task Range_is_sent_only_where_the_condition_names_the_file_as_it_is()
    {
        var video = await StoredVideo.MakeAsync(application, Length);
        var response = (await video.GetAsync()).Response;
        var (tag, changed) = (response.Headers.ETag!.Tag, response.Content.Headers.LastModified!.Value);
        string[] same = [tag, changed.ToString("R", CultureInfo.InvariantCulture)];
        string[] others =
        [
            "garbage", "*", tag.Trim('"'), "W/" + tag, $"{tag}, {tag}", "\"\"", "Mon, 30 Nov 2037 00:00:00 GMT",
            changed.AddSeconds(1).ToString("R", CultureInfo.InvariantCulture), changed.AddSeconds(-1).ToString("R", CultureInfo.InvariantCulture),
        ];
        foreach (var condition in same.Concat(others))
        {
            var (answer, body) = await video.SendAsync(HttpMethod.Get, null, request =>
            {
                request.Headers.Range = new RangeHeaderValue(0, 9);
                request.Headers.TryAddWithoutValidation("If-Range", condition);
            });

            Assert.Equal((condition, same.Contains(condition) ? HttpStatusCode.PartialContent : HttpStatusCode.OK), (condition, answer.StatusCode));
            Assert.Equal(same.Contains(condition) ? 10 : Length, body.Length);
        }
    }

    [Fact]
    public async Task Two_videos_of_one_length_have_tags_of_their_own()
    {
        var (one, two) = (await StoredVideo.MakeAsync(application), await StoredVideo.MakeAsync(application));

        Assert.NotEqual((await one.GetAsync()).Response.Headers.ETag, (await two.GetAsync()).Response.Headers.ETag);
        Assert.Equal((await one.GetAsync()).Response.Headers.ETag, (await one.GetAsync()).Response.Headers.ETag);
    }

    private static Task<(HttpResponseMessage Response, byte[] Body)> AskAsync(StoredVideo video, HttpMethod method, string range) =>
        video.SendAsync(method, null, request => request.Headers.TryAddWithoutValidation("Range", range));
}

using Microsoft.Net.Http.Headers;
using Streaming.Videos;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class RequestedBytesTests
{
    [Theory]
    [InlineData(null, 1_000)]
    [InlineData("bytes=0-0", 1)]
    [InlineData("bytes=0-", 1_000)]
    [InlineData("bytes=0-999", 1_000)]
    [InlineData("bytes=0-5000", 1_000)]
    [InlineData("bytes=10-19", 10)]
    [InlineData("bytes=999-", 1)]
    [InlineData("bytes=1000-", 0)]
    [InlineData("bytes=5000-6000", 0)]
    [InlineData("bytes=-1", 1)]
    [InlineData("bytes=-5000", 1_000)]
    [InlineData("bytes=0-0,5-6", 1_000)]
    [InlineData("seconds=0-1", 1_000)]
    public void What_a_request_asks_for_is_charged(string? range, long bytes) =>
        Assert.Equal(bytes, RequestedBytes.Of(range is null ? null : RangeHeaderValue.Parse(range), 1_000));

    [Fact]
    public void Names_of_media_are_ids_with_one_of_two_extensions()
    {
        var id = Guid.NewGuid();

        Assert.True(MediaPath.TryRead($"{id}.mp4", out var video));
        Assert.Equal(new MediaPath(id, MediaKind.Video), video);
        Assert.True(MediaPath.TryRead($"{id}.jpg", out var image));
        Assert.Equal(new MediaPath(id, MediaKind.Image), image);
        foreach (var name in (string[])["", ".mp4", $"{id}", $"{id}.", $"{id}.MP4", $"{id}.mp4 ", $" {id}.mp4", $"{id:N}.mp4", $"{{{id}}}.mp4", $"../{id}.mp4", $"{id}.mp4/..", $"{id}/.mp4"])
            Assert.False(MediaPath.TryRead(name, out _), name);
    }
}

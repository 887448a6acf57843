using Streaming.WebFront;

namespace Streaming.Tests.Http;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("2026-05-04T20:15:00Z", "2026-05-04T20:15:00.0000000")]
    [InlineData("2026-05-04t20:15:00z", "2026-05-04T20:15:00.0000000")]
    [InlineData("2026-05-04 20:15:00+02:00", "2026-05-04T18:15:00.0000000")]
    [InlineData("2026-05-04T20:15:00.1-00:00", "2026-05-04T20:15:00.1000000")]
    [InlineData("2026-05-04T20:15:00.123456789Z", "2026-05-04T20:15:00.1234567")]
    [InlineData("2026-05-04T20:15:00.123456789012345678Z", "2026-05-04T20:15:00.1234567")]
    [InlineData("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.9999999")]
    public void A_moment_is_read(string text, string expected) =>
        Assert.Equal(expected, Rfc3339.Parse(text)?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff", System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("2026-05-04")]
    [InlineData("2026-05-04T20:15Z")]
    [InlineData("2026-05-04T20:15:00")]
    [InlineData("2026-05-04T20:15:00.Z")]
    [InlineData("2026-05-04T24:00:00Z")]
    [InlineData("2026-02-30T20:15:00Z")]
    [InlineData("2026-05-04T20:15:00+0200")]
    [InlineData("2026-05-04T20:15:00Z\n")]
    [InlineData("0001-01-01T00:00:00+14:00")]
    [InlineData("\u0662026-05-04T20:15:00Z")]
    [InlineData("")]
    [InlineData(null)]
    public void What_is_none_is_not(string? text) => Assert.Null(Rfc3339.Parse(text));
}

using Streaming.Tests.Storage;

namespace Streaming.Tests;

public sealed class PageCursorTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(1_773_480_600_000)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void A_cursor_survives_its_text(long sort)
    {
        var cursor = new PageCursor(sort, new Samples().Id());
        Assert.Matches("^[A-Za-z0-9_-]{32}$", cursor.ToString());
        Assert.True(PageCursor.TryParse(cursor.ToString(), out var parsed));
        Assert.Equal(cursor, parsed);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("                                ")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA+")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")]
    [InlineData("AAAAAAAAAAAAAAA\nAAAAAAAAAAAAAAAA")]
    [InlineData("ééééééééééééééééééééééééééééééé\u0000")]
    public void Garbage_is_no_cursor(string? text) => Assert.False(PageCursor.TryParse(text, out _));
}

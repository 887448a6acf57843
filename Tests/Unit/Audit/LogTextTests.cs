using Streaming.Audit;

namespace Streaming.Tests.Audit;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("User logged in successfully", "User logged in successfully")]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("two\r\nlines\tand\0more\u0085", "two  lines and more ")]
    [InlineData("films 🎬", "films 🎬")]
    [InlineData("Error: no account for jane.doe+x@mail.example.com.", "Error: no account for [removed].")]
    [InlineData("<a@b.example>,c@d.example", "<[removed]>,[removed]")]
    [InlineData("@home, 5 @ 3", "@home, 5 @ 3")]
    [InlineData("token eyJhbGciOiJIUzI1NiJ9.eyJpZCI6IjEifQ.c2ln-_ bad", "token [removed] bad")]
    public void Text_is_one_line_without_what_must_not_be_kept(string? text, string clean) => Assert.Equal(clean, LogText.Clean(text, 100));

    [Fact]
    public void Half_of_a_surrogate_pair_is_replaced() => Assert.Equal("half \ufffd of it", LogText.Clean("half \ud83c of it", 100));

    [Theory]
    [InlineData("abcdef", 4, "abcd")]
    [InlineData("abc🎬", 4, "abc")]
    [InlineData("abc🎬", 5, "abc🎬")]
    [InlineData("a@b.de", 6, "[remov")]
    public void Text_that_is_too_long_is_cut_between_characters(string text, int length, string cut) => Assert.Equal(cut, LogText.Clean(text, length));

    [Fact]
    public void Entry_is_of_this_millisecond_and_keeps_to_the_limits()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 3, 14, 9, 30, 0, 123, 456, TimeSpan.Zero));

        var entry = LogEntry.Create(new string('A', 500), new string('S', 500), new string('d', 5_000), null, isClientReported: true, time);

        Assert.Equal((100, 100, 1_000), (entry.ActionType.Length, entry.ServiceName.Length, entry.Description.Length));
        Assert.Equal(new DateTimeOffset(2026, 3, 14, 9, 30, 0, 123, TimeSpan.Zero), entry.CreatedAt);
        Assert.Equal(7, entry.Id.Version);
        Assert.True(entry.IsClientReported);
    }
}

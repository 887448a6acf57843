namespace Streaming.Tests.Storage;

[Collection(ServersTests.Name)]
public sealed class ServersFixtureTests
{
    [Fact]
    public async Task The_clock_of_a_fixture_stands_still_and_begins_at_the_databases()
    {
        await using var fixture = new ServersFixture();
        await fixture.OpenAsync();
        var opened = fixture.Now;
        Assert.InRange(opened, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddMinutes(1));
        Assert.Equal(opened, fixture.Now);
    }
}

using Microsoft.Extensions.Time.Testing;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class LoginDelaysTests
{
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 9, 30, 0, TimeSpan.Zero));
    private readonly LoginDelays delays;

    public LoginDelaysTests() => delays = new LoginDelays(new AccountOptions(), clock);

    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1", true)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    [InlineData("2001:db8:1:2::1", "2001:DB8:1:2:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("fe80::1%eth0", "fe80::1%eth0", true)]
    [InlineData("", "", true)]
    [InlineData("somewhere", "elsewhere", false)]
    public void IPv6_addresses_of_one_network_are_one(string first, string second, bool same) =>
        Assert.Equal(same, LoginDelays.AddressOf(first) == LoginDelays.AddressOf(second));

    [Fact]
    public void What_is_no_address_takes_little_memory() => Assert.Equal(64, LoginDelays.AddressOf(new string('x', 10_000)).Length);

    [Fact]
    public void Attempts_that_are_refused_lengthen_no_delay()
    {
        Fail("a", 4);
        for (var i = 0; i < 100; i++)
            Assert.Equal(TimeSpan.FromSeconds(1), delays.Begin("a"));
    }

    [Fact]
    public void An_attempt_that_is_taken_back_is_no_failure()
    {
        Fail("a", 3);
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal(TimeSpan.Zero, delays.Begin("a"));
            delays.Revert("a");
        }

        Assert.Equal(TimeSpan.Zero, delays.Begin("b"));
        delays.Revert("b");
        delays.Revert("b");
        Fail("b", 4);
        Assert.Equal(TimeSpan.FromSeconds(1), delays.Begin("b"));
    }

    [Fact]
    public void Failures_are_remembered_for_the_longest_delay_after_their_own()
    {
        Assert.Equal(TimeSpan.Zero, delays.Lifetime);
        Fail("a", 4);
        Assert.Equal(TimeSpan.FromSeconds(901), delays.Lifetime);

        clock.Advance(TimeSpan.FromSeconds(900));
        Assert.Equal(TimeSpan.Zero, delays.Begin("a"));
        Assert.Equal(TimeSpan.FromSeconds(2), delays.Begin("a"));

        clock.Advance(TimeSpan.FromSeconds(902));
        Fail("a", 4);
        Assert.Equal(TimeSpan.FromSeconds(1), delays.Begin("a"));
    }

    [Fact]
    public void A_limited_number_of_addresses_is_remembered_the_newest_ones()
    {
        Fail("oldest", 4);
        for (var i = 0; i < LoginDelays.MaxAddresses - 1; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(1));
            Fail($"address {i}", 4);
        }

        Assert.NotEqual(TimeSpan.Zero, delays.Begin("oldest"));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Fail("newest", 4);
        Assert.Equal(TimeSpan.Zero, delays.Begin("oldest"));
        Assert.NotEqual(TimeSpan.Zero, delays.Begin("newest"));
        Assert.NotEqual(TimeSpan.Zero, delays.Begin("address 10"));
    }

    private void Fail(string address, int times)
    {
        for (var i = 0; i < times; i++)
            Assert.Equal(TimeSpan.Zero, delays.Begin(address));
    }
}

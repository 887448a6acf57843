using System.Net;
using Microsoft.Extensions.Time.Testing;
using Streaming.WebFront.Limits;

namespace Streaming.Tests.Http;

public sealed class TokenBucketsTests
{
    private static readonly RateLimitClient Somebody = RateLimitClient.Of(IPAddress.Parse("203.0.113.9"));

    private readonly FakeTimeProvider time = new();

    [Fact]
    public void Burst_is_granted_at_once_and_then_a_request_at_each_interval()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(3, 60), 1_000, time);

        Assert.Equal([0, 0, 0, 1, 1], Waits(buckets, 5));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([0, 1], Waits(buckets, 2));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal([0, 0, 0, 1], Waits(buckets, 4));
    }

    [Fact]
    public void Wait_that_is_told_is_enough_and_less_is_not()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(1, 7), 1_000, time);
        Assert.Equal(TimeSpan.Zero, buckets.Take(Somebody));
        var wait = buckets.Take(Somebody);

        time.Advance(wait - TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(Somebody));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(TimeSpan.Zero, buckets.Take(Somebody));
    }

    [Fact]
    public void Clients_do_not_share_a_bucket()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(1, 1), 1_000, time);
        var account = Guid.NewGuid();
        RateLimitClient[] clients =
        [
            RateLimitClient.Of(IPAddress.Parse("203.0.113.9")), RateLimitClient.Of(IPAddress.Parse("203.0.113.10")),
            RateLimitClient.Of(IPAddress.Parse("2001:db8:0:1::1")), RateLimitClient.Of(IPAddress.Parse("2001:db8:0:2::1")),
            RateLimitClient.Of(account), RateLimitClient.Of(new IPAddress(account.ToByteArray(bigEndian: true))),
        ];

        Assert.All(clients, client => Assert.Equal(TimeSpan.Zero, buckets.Take(client)));
        Assert.All(clients, client => Assert.NotEqual(TimeSpan.Zero, buckets.Take(client)));
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff")]
    [InlineData("203.0.113.9", "::ffff:203.0.113.9")]
    public void Addresses_of_one_subscriber_share_one(string one, string other) =>
        Assert.Equal(RateLimitClient.Of(IPAddress.Parse(one)), RateLimitClient.Of(IPAddress.Parse(other)));

    [Fact]
    public void Number_of_clients_is_bounded_and_those_beyond_it_are_limited_together()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(1, 1), 100, time);

        var granted = Enumerable.Range(0, 10_000).Count(i => buckets.Take(Client(i)) == TimeSpan.Zero);

        Assert.Equal(100, buckets.Count);
        Assert.InRange(granted, 101, 100 + 256);
        Assert.NotEqual(TimeSpan.Zero, buckets.Take(Client(0)));
    }

    [Fact]
    public void Client_is_forgotten_when_its_bucket_is_full_again()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(2, 1), 1_000, time);
        Assert.Equal(TimeSpan.Zero, buckets.Take(Client(0)));
        Assert.Equal([0, 0], Enumerable.Range(0, 2).Select(_ => buckets.Take(Client(1)).TotalSeconds));

        time.Advance(TokenBuckets.SweepInterval);
        Assert.Equal(1, buckets.Count);
        time.Advance(TokenBuckets.SweepInterval);
        Assert.Equal(0, buckets.Count);
    }

    [Fact]
    public void Request_of_a_client_that_is_known_allocates_nothing()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(10_000, 1), 1_000, TimeProvider.System);
        var address = IPAddress.Parse("2001:db8:0:1::1");
        Assert.Equal(TimeSpan.Zero, buckets.Take(RateLimitClient.Of(address)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1_000; i++)
            buckets.Take(RateLimitClient.Of(address));

        // Not a byte for each; the runtime itself may need some once.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 999);
    }

    [Fact]
    public async Task Requests_of_one_client_at_the_same_time_get_no_more_than_its_tokens()
    {
        using var buckets = new TokenBuckets(new RateLimitRule(1_000, 1), 1_000, time);

        var granted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 1_000).Count(_ => buckets.Take(Somebody) == TimeSpan.Zero))));

        Assert.Equal(1_000, granted.Sum());
    }

    private static RateLimitClient Client(int number) => RateLimitClient.Of(new IPAddress(number));

    private static List<double> Waits(TokenBuckets buckets, int requests) =>
        [.. Enumerable.Range(0, requests).Select(_ => buckets.Take(Somebody).TotalSeconds)];
}

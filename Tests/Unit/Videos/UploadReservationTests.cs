using Microsoft.Extensions.Time.Testing;
using Streaming.Videos;
using Streaming.WebFront.Videos;

namespace Streaming.Tests.Videos;

public sealed class UploadReservationTests
{
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider time = new();
    private readonly QuotaDouble quota = new();
    private readonly List<Exception> failures = [];
    private readonly NewVideo video = new(Guid.NewGuid(), Guid.NewGuid(), "Title", VideoFormat.Mp4, 1);

    [Fact]
    public async Task Lease_is_renewed_every_third_of_it()
    {
        var reservation = Reserve();

        time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(0, quota.Count("renew"));
        for (var third = 1; third <= 3; third++)
            await PassUntilAsync(() => quota.Count("renew") == third);

        Assert.False(reservation.Lost.IsCancellationRequested);
        await reservation.DisposeAsync();
        Assert.Equal("release", quota.Calls[^1]);
        Assert.Empty(failures);
    }

    [Fact]
    public async Task Reservation_that_is_gone_is_lost_at_once()
    {
        quota.OnRenew = () => Task.FromResult(false);
        await using var reservation = Reserve();

        await PassUntilAsync(() => reservation.Lost.IsCancellationRequested);

        Assert.Equal(1, quota.Count("renew"));
    }

    [Fact]
    public async Task Reservation_is_lost_when_nobody_answers_until_its_lease_is_over()
    {
        quota.OnRenew = () => new TaskCompletionSource<bool>().Task;
        var begun = time.GetUtcNow();
        await using var reservation = Reserve();

        await PassUntilAsync(() => reservation.Lost.IsCancellationRequested);

        Assert.InRange(time.GetUtcNow() - begun, Lease, Lease * 3);
        Assert.NotEmpty(failures);
    }

    [Fact]
    public async Task Renewal_that_fails_is_tried_again_before_the_lease_is_over()
    {
        quota.OnRenew = () => quota.Count("renew") < 5 ? Task.FromException<bool>(new TimeoutException()) : Task.FromResult(true);
        await using var reservation = Reserve();

        await PassUntilAsync(() => quota.Count("renew") == 6);

        Assert.False(reservation.Lost.IsCancellationRequested);
        Assert.Equal(4, failures.Count);
    }

    [Fact]
    public async Task Settling_is_repeated_until_it_is_known_what_became_of_it()
    {
        quota.OnSettle = settled => quota.Count("settle") < 3
            ? Task.FromException<Video?>(new TimeoutException())
            : Task.FromResult<Video?>(new Video(settled.VideoId, settled.UserId, settled.Title, settled.Format, settled.Bytes, DateTimeOffset.UnixEpoch));
        var reservation = Reserve();

        var settling = reservation.SettleAsync(video);
        await PassUntilAsync(() => settling.IsCompleted);

        Assert.Equal(video.VideoId, (await settling)!.VideoId);
        await reservation.DisposeAsync();
        Assert.Equal(0, quota.Count("release"));
    }

    [Fact]
    public async Task Settling_that_nobody_answers_ends()
    {
        quota.OnSettle = _ => new TaskCompletionSource<Video?>().Task;
        var begun = time.GetUtcNow();
        await using var reservation = Reserve();

        var settling = reservation.SettleAsync(video);
        await PassUntilAsync(() => settling.IsCompleted);

        await Assert.ThrowsAsync<TimeoutException>(() => settling);
        Assert.InRange(time.GetUtcNow() - begun, TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(120));
    }

    [Theory]
    [InlineData(false, "release")]
    [InlineData(true, "release with media")]
    public async Task Upload_that_became_no_video_gives_back_what_it_had(bool mayHaveMedia, string call)
    {
        quota.OnSettle = _ => Task.FromResult<Video?>(null);
        var reservation = Reserve();
        reservation.MayHaveMedia = mayHaveMedia;
        Assert.Null(await reservation.SettleAsync(video));

        await reservation.DisposeAsync();

        Assert.Equal(["settle", call], quota.Calls);
    }

    [Fact]
    public async Task Release_that_nobody_answers_ends_too()
    {
        quota.OnRelease = () => new TaskCompletionSource().Task;
        var reservation = Reserve();

        var disposing = reservation.DisposeAsync().AsTask();
        await PassUntilAsync(() => disposing.IsCompleted);

        await disposing;
        Assert.NotEmpty(failures);
    }

    private UploadReservation Reserve() => new(quota, video.VideoId, Lease, time.GetTimestamp(), time, failures.Add);

    /// <summary>What waits goes on in threads of its own, so time passes in small steps until it has.</summary>
    private Task PassUntilAsync(Func<bool> condition) => Poll.UntilAsync(() =>
    {
        if (condition())
            return Task.FromResult<string?>(null);

        time.Advance(TimeSpan.FromSeconds(0.5));
        return Task.FromResult<string?>($"after {string.Join(", ", quota.Calls)}");
    });
}

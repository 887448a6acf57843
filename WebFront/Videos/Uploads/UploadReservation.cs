using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>
/// What a user's quota holds for one upload: kept alive while the upload goes on, and given back when it is disposed, unless
/// the upload has become a video.
/// </summary>
internal sealed class UploadReservation : IAsyncDisposable
{
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource lost = new();
    private readonly CancellationTokenSource stopping = new();
    private readonly IQuotaGrain quota;
    private readonly Guid videoId;
    private readonly TimeSpan lease;
    private readonly TimeProvider time;
    private readonly Action<Exception> onFailure;
    private readonly Task renewing;
    private bool isSettled;

    /// <param name="askedAt">Timestamp of before the reservation was asked for: its lease began then or later.</param>
    /// <param name="onFailure">Gets the failures of calls that are repeated.</param>
    public UploadReservation(IQuotaGrain quota, Guid videoId, TimeSpan lease, long askedAt, TimeProvider time, Action<Exception> onFailure)
    {
        (this.quota, this.videoId, this.lease, this.time, this.onFailure) = (quota, videoId, lease, time, onFailure);
        renewing = RenewAsync(askedAt);
    }

    /// <summary>Cancelled when the reservation is gone, or may be.</summary>
    public CancellationToken Lost => lost.Token;

    /// <summary>Whether something of the upload may be in the media store.</summary>
    public bool MayHaveMedia { get; set; }

    /// <summary>Gives back what an upload had reserved. May be called for one that reserved nothing.</summary>
    public static async Task ReleaseAsync(IQuotaGrain quota, Guid videoId, bool mayHaveMedia, TimeProvider time, Action<Exception> onFailure)
    {
        const int Attempts = 2;
        for (var attempt = 1; attempt <= Attempts; attempt++)
        {
            try
            {
                await quota.ReleaseAsync(videoId, mayHaveMedia).WaitAsync(ReleaseTimeout, time);
                return;
            }
            catch (Exception e)
            {
                // It ends by itself with its lease.
                onFailure(e);
            }
        }
    }

    /// <summary>
    /// <see cref="IQuotaGrain.SettleAsync"/>, repeated while its outcome is unknown. What it throws in the end leaves
    /// that unknown.
    /// </summary>
    public async Task<Video?> SettleAsync(NewVideo video)
    {
        for (var begun = time.GetTimestamp(); ; await Task.Delay(Pause, time))
        {
            try
            {
                var settled = await quota.SettleAsync(video).WaitAsync(SettleTimeout, time);
                isSettled = settled is not null;
                return settled;
            }
            catch (Exception e) when (time.GetElapsedTime(begun) < SettleTimeout)
            {
                onFailure(e);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await renewing;
        if (!isSettled)
            await ReleaseAsync(quota, videoId, MayHaveMedia, time, onFailure);

        lost.Dispose();
        stopping.Dispose();
    }

    /// <summary>Asks every third of the lease, and more often while it gets no answer.</summary>
    private async Task RenewAsync(long askedAt)
    {
        var confirmedAt = askedAt;
        var pause = lease / 3;
        while (true)
        {
            await Task.Delay(pause, time, stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (stopping.IsCancellationRequested)
                return;

            var sentAt = time.GetTimestamp();
            var left = lease - time.GetElapsedTime(confirmedAt, sentAt);
            try
            {
                if (left <= TimeSpan.Zero || !await quota.RenewAsync(videoId).WaitAsync(left, time, stopping.Token))
                {
                    await lost.CancelAsync();
                    return;
                }

                confirmedAt = sentAt;
                pause = lease / 3;
            }
            catch (Exception) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                onFailure(e);
                pause = lease / 20;
            }
        }
    }
}

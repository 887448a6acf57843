using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>A double of a quota's grain, for its calling side alone: it fails and hangs when the test says so.</summary>
internal sealed class QuotaDouble : IQuotaGrain
{
    private readonly List<string> calls = [];

    public IReadOnlyList<string> Calls
    {
        get
        {
            lock (calls)
                return [.. calls];
        }
    }

    public Func<Task<bool>> OnRenew { get; set; } = () => Task.FromResult(true);

    public Func<NewVideo, Task<Video?>> OnSettle { get; set; } =
        video => Task.FromResult<Video?>(new Video(video.VideoId, video.UserId, video.Title, video.Format, video.Bytes, DateTimeOffset.UnixEpoch));

    public Func<Task> OnRelease { get; set; } = () => Task.CompletedTask;

    public int Count(string call) => Calls.Count(made => made.StartsWith(call, StringComparison.Ordinal));

    public Task<bool> RenewAsync(Guid videoId)
    {
        Note("renew");
        return OnRenew();
    }

    public Task<Video?> SettleAsync(NewVideo video)
    {
        Note("settle");
        return OnSettle(video);
    }

    public Task ReleaseAsync(Guid videoId, bool mayHaveMedia)
    {
        Note(mayHaveMedia ? "release with media" : "release");
        return OnRelease();
    }

    public Task<UploadGrant> ReserveAsync(Guid videoId, long atLeast, long? atMost) => throw new NotSupportedException();

    public Task<RestoreStatus> RestoreAsync(Guid videoId) => throw new NotSupportedException();

    public Task<QuotaUsage?> GetUsageAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<bool> SetOverridesAsync(QuotaOverrides limits) => throw new NotSupportedException();

    public Task<DownloadAllowance> MayDownloadAsync() => throw new NotSupportedException();

    public Task<Outcome> CountDownloadAsync(DateOnly day, long bytes) => throw new NotSupportedException();

    public Task ForgetAsync() => throw new NotSupportedException();

    private void Note(string call)
    {
        lock (calls)
            calls.Add(call);
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using Streaming.Videos;

namespace Streaming.Tests.Media;

/// <summary>A double of a video's grain, and of the one that tells which videos wait, for those who tell them something: they answer what the test says.</summary>
public sealed class VideoDouble : IVideoGrain, IVideosGrain
{
    public VideoDouble()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Video = this;
    }

    public IGrainFactory Factory { get; }

    public bool IsThere { get; set; } = true;

    public VideoInspection? Found { get; private set; }

    public double? Duration => Found?.DurationSeconds;

    public ConcurrentQueue<WaitingVideo> Waiting { get; } = new();

    public Task<Video?> GetAsync(CancellationToken cancellationToken = default) =>
        Task.FromResult(IsThere ? new Video(Guid.NewGuid(), Guid.NewGuid(), "A title", VideoFormat.Mp4, 1, DateTimeOffset.UnixEpoch) : null);

    public Task DescribeAsync(VideoInspection found)
    {
        Found = found;
        return Task.CompletedTask;
    }

    public Task<WaitingVideo?> TakeForInspectionAsync(int leaseSeconds) => Task.FromResult(Waiting.TryDequeue(out var next) ? next : null);

    public Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<VideoPage> ListDeletedAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<int> DeleteAllAsync(Guid userId) => throw new NotSupportedException();

    public Task<bool> DeleteAsync(Guid? owner) => throw new NotSupportedException();

    public Task<RestoreStatus> RestoreAsync(Guid? owner) => throw new NotSupportedException();

    public Task ForgetAsync() => throw new NotSupportedException();

    /// <summary>Neither sealed nor internal: the runtime derives from it.</summary>
    public class FactoryProxy : DispatchProxy
    {
        public VideoDouble Video { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => Video;
    }
}

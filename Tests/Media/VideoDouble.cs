using System.Reflection;
using Streaming.Videos;

namespace Streaming.Tests.Media;

/// <summary>A double of a video's grain, for those who tell it something: it answers what the test says.</summary>
public sealed class VideoDouble : IVideoGrain
{
    public VideoDouble()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Video = this;
    }

    public IGrainFactory Factory { get; }

    public bool IsThere { get; set; } = true;

    public double? Duration { get; private set; }

    public Task<Video?> GetAsync() =>
        Task.FromResult(IsThere ? new Video(Guid.NewGuid(), Guid.NewGuid(), "A title", VideoFormat.Mp4, 1, DateTimeOffset.UnixEpoch) : null);

    public Task DescribeAsync(double durationSeconds)
    {
        Duration = durationSeconds;
        return Task.CompletedTask;
    }

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

using System.Reflection;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>A double of the quotas' grains, for the calling side of counted downloads alone: it fails and hangs when the test says so.</summary>
public sealed class DownloadsDouble
{
    private readonly List<CountedDownload> calls = [];

    public DownloadsDouble()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Downloads = this;
    }

    public IGrainFactory Factory { get; }

    /// <summary>What a call does after it was noted, by its number from 1 on.</summary>
    public Func<int, Task<Outcome>> OnCount { get; set; } = _ => Task.FromResult(Outcome.Committed);

    public IReadOnlyList<CountedDownload> Calls
    {
        get
        {
            lock (calls)
                return [.. calls];
        }
    }

    private Task<Outcome> CountAsync(CountedDownload call)
    {
        int number;
        lock (calls)
        {
            calls.Add(call);
            number = calls.Count;
        }

        return OnCount(number);
    }

    /// <summary>Neither sealed nor internal, like the other: the runtime derives from them.</summary>
    public class FactoryProxy : DispatchProxy
    {
        public DownloadsDouble Downloads { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            var grain = Create<IQuotaGrain, GrainProxy>();
            ((GrainProxy)grain).OnCount = (day, bytes) => Downloads.CountAsync(new CountedDownload((Guid)args![0]!, day, bytes));
            return grain;
        }
    }

    public class GrainProxy : DispatchProxy
    {
        public Func<DateOnly, long, Task<Outcome>> OnCount { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.Name == nameof(IQuotaGrain.CountDownloadAsync) ? OnCount((DateOnly)args![0]!, (long)args[1]!) : throw new NotSupportedException();
    }
}

public sealed record CountedDownload(Guid Subject, DateOnly Day, long Bytes);

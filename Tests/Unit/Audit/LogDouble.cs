using System.Collections.Immutable;
using System.Reflection;
using Streaming.Audit;

namespace Streaming.Tests.Audit;

/// <summary>A double of the log's grain, for the calling side alone: it fails and hangs when the test says so.</summary>
public sealed class LogDouble : ILogGrain
{
    private readonly List<ImmutableArray<LogEntry>> calls = [];

    public LogDouble()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Log = this;
    }

    public IGrainFactory Factory { get; }

    /// <summary>What a call does after it was noted, by its number from 1 on.</summary>
    public Func<int, Task> OnWrite { get; set; } = _ => Task.CompletedTask;

    public IReadOnlyList<ImmutableArray<LogEntry>> Calls
    {
        get
        {
            lock (calls)
                return [.. calls];
        }
    }

    public Task WriteAsync(ImmutableArray<LogEntry> entries)
    {
        int number;
        lock (calls)
        {
            calls.Add(entries);
            number = calls.Count;
        }

        return OnWrite(number);
    }

    public Task<LogPage> ListAsync(LogFilter filter, PageCursor? before, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public Task<CountedLogs> ListFromAsync(LogFilter filter, int skip, int limit, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    /// <summary>Neither sealed nor internal: the runtime derives from it.</summary>
    public class FactoryProxy : DispatchProxy
    {
        public LogDouble Log { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => Log;
    }
}

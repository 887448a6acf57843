using System.Reflection;
using Streaming.Content;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>
/// A double of a cluster, for the calling side alone: its calls to titles stay open until the test answers them, which
/// no real grain can be made to do.
/// </summary>
public sealed class FakeCluster
{
    private readonly List<OpenCall> calls = [];

    public FakeCluster()
    {
        Factory = DispatchProxy.Create<IGrainFactory, FactoryProxy>();
        ((FactoryProxy)Factory).Cluster = this;
    }

    public IGrainFactory Factory { get; }

    public IReadOnlyList<OpenCall> Calls
    {
        get
        {
            lock (calls)
                return [.. calls];
        }
    }

    /// <summary>Batches that were asked for, in order.</summary>
    public List<long> Waits { get; } = [];

    public Func<long, Task<BatchOutcome>> OnWait { get; set; } = _ => Task.FromResult(BatchOutcome.Committed);

    public async Task UntilCallsAsync(int count)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Calls.Count < count)
        {
            giveUp.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private ValueTask<ViewTicket> RecordAsync(TitleViews views)
    {
        var call = new OpenCall(views);
        lock (calls)
            calls.Add(call);

        return new ValueTask<ViewTicket>(call.Task);
    }

    private Task<BatchOutcome> WaitAsync(long batch)
    {
        lock (Waits)
            Waits.Add(batch);

        return OnWait(batch);
    }

    public sealed class OpenCall(TitleViews views)
    {
        private readonly TaskCompletionSource<ViewTicket> done = new();

        public TitleViews Views => views;

        public Task<ViewTicket> Task => done.Task;

        public void Answer(ViewTicket ticket) => done.SetResult(ticket);

        public void Fail(Exception failure) => done.SetException(failure);
    }

    /// <summary>Neither sealed nor internal: the runtime derives from it.</summary>
    public class FactoryProxy : DispatchProxy
    {
        public FakeCluster Cluster { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType switch
        {
            var type when type == typeof(IContentGrain) => new TitleDouble(Cluster),
            var type when type == typeof(ILedgerGrain) => new LedgerDouble(Cluster),
            var type => throw new NotSupportedException(type.Name),
        };
    }

    private sealed class TitleDouble(FakeCluster cluster) : IContentGrain
    {
        public ValueTask<ViewTicket> RecordViewsAsync(TitleViews views) => cluster.RecordAsync(views);

        public ValueTask<RenderedRow?> GetRowAsync() => throw new NotSupportedException();

        public ValueTask<RenderedDetails?> GetDetailsAsync() => throw new NotSupportedException();

        public ValueTask ReviewsChangedAsync() => throw new NotSupportedException();

        public ValueTask WatchingChangedAsync(int watching) => throw new NotSupportedException();

        public ValueTask<bool> ExistsAsync() => throw new NotSupportedException();
    }

    private sealed class LedgerDouble(FakeCluster cluster) : ILedgerGrain
    {
        public Task<BatchOutcome> WaitAsync(long batch) => cluster.WaitAsync(batch);

        public Task TotalsMovedAsync(System.Collections.Immutable.ImmutableArray<Guid> contentIds) => throw new NotSupportedException();
    }
}

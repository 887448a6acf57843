using System.Collections.Immutable;
using System.Reflection;
using Streaming.Content;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>
/// A double of a cluster, for the calling side alone: its calls to ledgers stay open until the test answers them, which
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

    /// <summary>Titles that were asked where they live, in order.</summary>
    public List<Guid> Searches { get; } = [];

    /// <summary>The ledger of the silo where a title lives; null for an unknown one.</summary>
    public Func<Guid, Task<string?>> OnSearch { get; set; } = _ => Task.FromResult<string?>("127.0.0.1:1@1");

    /// <summary>Batches that were asked for, in order.</summary>
    public List<long> Waits { get; } = [];

    public Func<long, Task<Outcome>> OnWait { get; set; } = _ => Task.FromResult(Outcome.Committed);

    public async Task UntilCallsAsync(int count)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (Calls.Count < count)
        {
            giveUp.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    private ValueTask<LedgerTicket> RecordAsync(string ledger, LedgerViews views)
    {
        var call = new OpenCall(ledger, views);
        lock (calls)
            calls.Add(call);

        return new ValueTask<LedgerTicket>(call.Task);
    }

    private async Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches)
    {
        lock (Waits)
            Waits.AddRange(batches);

        return [.. await Task.WhenAll(batches.Select(OnWait))];
    }

    private ValueTask<string?> SearchAsync(Guid contentId)
    {
        lock (Searches)
            Searches.Add(contentId);

        return new ValueTask<string?>(OnSearch(contentId));
    }

    public sealed class OpenCall(string ledger, LedgerViews views)
    {
        private readonly TaskCompletionSource<LedgerTicket> done = new();

        public string Ledger => ledger;

        public LedgerViews Views => views;

        public Task<LedgerTicket> Task => done.Task;

        public void Answer(LedgerTicket ticket) => done.SetResult(ticket);

        public void Fail(Exception failure) => done.SetException(failure);
    }

    /// <summary>Neither sealed nor internal: the runtime derives from it.</summary>
    public class FactoryProxy : DispatchProxy
    {
        public FakeCluster Cluster { get; set; } = null!;

        protected override object Invoke(MethodInfo? targetMethod, object?[]? args) => targetMethod!.ReturnType switch
        {
            var type when type == typeof(IContentGrain) => new TitleDouble(Cluster, (Guid)args![0]!),
            var type when type == typeof(ILedgerGrain) => new LedgerDouble(Cluster, (string)args![0]!),
            var type => throw new NotSupportedException(type.Name),
        };
    }

    private sealed class TitleDouble(FakeCluster cluster, Guid contentId) : IContentGrain
    {
        public ValueTask<string?> GetLedgerAsync() => cluster.SearchAsync(contentId);

        public ValueTask<RenderedRow?> GetRowAsync() => throw new NotSupportedException();

        public ValueTask<RenderedDetails?> GetDetailsAsync() => throw new NotSupportedException();

        public ValueTask ReviewsChangedAsync() => throw new NotSupportedException();

        public ValueTask WatchingChangedAsync(int watching) => throw new NotSupportedException();

        public ValueTask<bool> ExistsAsync() => throw new NotSupportedException();

        public ValueTask MoveAsync(SiloAddress target) => throw new NotSupportedException();

        public ValueTask<int?> GetLengthAsync() => throw new NotSupportedException();
    }

    private sealed class LedgerDouble(FakeCluster cluster, string key) : ILedgerGrain
    {
        public ValueTask<LedgerTicket> RecordAsync(LedgerViews views) => cluster.RecordAsync(key, views);

        public Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches) => cluster.WaitAsync(batches);

        public Task TotalsMovedAsync(ImmutableArray<Guid> contentIds) => throw new NotSupportedException();
    }
}

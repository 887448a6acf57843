using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Ledger;

/// <summary>
/// The view ledger of this silo: takes views into the journal's next batch and tells when it is on disk, which is
/// the acknowledgement. <see cref="JournalApplier"/> does the rest.
/// </summary>
public sealed partial class ViewLedger : IAsyncDisposable
{
    // An entry with its receipt, about; an unkeyed view of a title that the batch already has costs nothing.
    private const int EntryBytes = 64;
    private static readonly TimeSpan CommitStopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ApplyStopTimeout = TimeSpan.FromSeconds(8);

    private readonly IViewJournal journal;
    private readonly ViewCounters counters = new();
    private readonly GroupCommit<BatchBuilder> commits;
    private readonly JournalApplier applier;
    private readonly WriterRecovery recovery;
    private readonly TotalsRefresh refresh;
    private readonly LedgerMetrics metrics;
    private readonly IHostApplicationLifetime host;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly string writerId;
    private volatile bool gone;
    private int openTickets;

    public ViewLedger(
        IViewJournal journal,
        ILedgerCluster cluster,
        LedgerMetrics metrics,
        IHostApplicationLifetime host,
        IOptions<LedgerOptions> options,
        BackgroundLoops loops,
        TimeProvider time,
        ILogger<ViewLedger> logger)
    {
        (this.journal, this.metrics, this.host, this.time, this.logger) = (journal, metrics, host, time, logger);
        writerId = cluster.WriterId;
        refresh = new TotalsRefresh(journal, counters, cluster, time);
        applier = new JournalApplier(
            journal, writerId, counters, refresh, new TotalsNotifier(cluster, logger), metrics, options.Value, loops, time, logger);
        recovery = new WriterRecovery(
            journal, cluster, refresh, metrics, TimeSpan.FromSeconds(options.Value.SweepIntervalSeconds), loops, time, logger);
        metrics.Observe(applier, options.Value.MaxUnappliedEntries);
        var receipts = new ReceiptCache(options.Value.MaxReceiptsInMemory);
        commits = new GroupCommit<BatchBuilder>(
            "view ledger", () => new BatchBuilder(receipts, counters), Append, Completed, GroupCommitLimits.From(options.Value), time, logger);
    }

    /// <summary>The name of this process among the writers of the journal.</summary>
    public string WriterId => writerId;

    /// <summary>Opens the writer, once the writers of dead processes are taken over, and begins.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await recovery.StartAsync(cancellationToken);
        await journal.OpenWriterAsync(writerId, cancellationToken);
        applier.Start();
        commits.Start();
    }

    /// <summary>Commits and applies what it holds, as far as a bounded time allows, and removes the writer.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(CommitStopTimeout);
        await recovery.StopAsync(giveUp.Token);
        await Task.Run(() => commits.Stop(CommitStopTimeout), CancellationToken.None);
        giveUp.CancelAfter(ApplyStopTimeout);
        try
        {
            await applier.StopAsync(giveUp.Token);
        }
        catch (Exception e)
        {
            // Not lost: another silo, or the next start, takes the writer over.
            LogLeftBehind(logger, applier.Unapplied, e);
        }
    }

    /// <summary>The live counter of a title, to be released when its activation ends.</summary>
    public async Task<ViewCounter> UseCounterAsync(Guid contentId, CancellationToken cancellationToken)
    {
        var counter = counters.Use(contentId);
        try
        {
            await applier.ReadTotalAsync(counter, cancellationToken);
            return counter;
        }
        catch
        {
            counters.Release(counter);
            throw;
        }
    }

    public void ReleaseCounter(ViewCounter counter) => counters.Release(counter);

    /// <summary>Takes views of titles that are active here into the next batch. Whoever gets batches to wait for asks for their outcomes once.</summary>
    /// <param name="counts">1 or more each, one a title.</param>
    /// <param name="receipts">Of the entries' keys, one each; empty without keys.</param>
    public RecordedViews Record(ImmutableArray<Guid> contentIds, ImmutableArray<long> counts, ImmutableArray<Guid> receipts)
    {
        var count = contentIds.Length;
        var call = new ViewsCall(contentIds, counts, receipts, new ViewCounter?[count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            call.Counters[i] = isLeaving ? null : counters.FindUsed(contentIds[i]);
            if (call.Counters[i] is null)
                (call.Elsewhere ??= []).Add(i);
        }

        if (gone || applier.IsBehind || !commits.TryAdd(call, count, EntryBytes * count, AddViews, out _))
            return RecordedViews.Busy;

        if (call.IsTicket)
            Interlocked.Increment(ref openTickets);

        return new RecordedViews(
            IsBusy: false, call.Batches, call.KeyConflicts is { } conflicts ? [.. conflicts] : [], call.Elsewhere is { } elsewhere ? [.. elsewhere] : [],
            Array.ConvertAll(call.Counters, counter => counter?.Live ?? 0));
    }

    /// <summary>Takes a whole request, of titles that exist, into the next batch and waits for its commit.</summary>
    public async Task<RecordedBatch> RecordAsync(ViewBatch request)
    {
        // Added up before the lock is taken: single views wait for it.
        var call = new RequestCall(request, request.SumUnkeyed());
        if (gone || applier.IsBehind || !commits.TryAdd(call, 1, EntryBytes * request.ContentIds.Length, AddRequest, out _))
            return RecordedBatch.Busy;

        var outcome = Outcome.Committed;
        foreach (var batch in call.Batches)
        {
            // More than one batch: some entries repeat earlier ones. One failure then says nothing of the others.
            if (await WaitAsync(batch) is var other and not Outcome.Committed)
                outcome = call.Batches.Count == 1 ? other : Outcome.Unknown;
        }

        return new RecordedBatch(IsBusy: false, outcome, [.. call.KeyConflicts], call.IsKeyConflict);
    }

    /// <summary>The outcomes of batches that <see cref="Record"/> named, as soon as they are known; unknown where that takes too long.</summary>
    public async Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches)
    {
        var outcomes = ImmutableArray.CreateBuilder<Outcome>(batches.Length);
        foreach (var batch in batches)
            outcomes.Add(await WaitAsync(batch));

        // A repeated question counts once more; then a caller that has not asked yet may find the silo gone.
        if (Interlocked.Decrement(ref openTickets) < 0)
            Interlocked.Increment(ref openTickets);

        return outcomes.MoveToImmutable();
    }

    /// <summary>Another member has applied views of these titles, or, of none, of titles that it does not name.</summary>
    public void TotalsMoved(ImmutableArray<Guid> contentIds)
    {
        if (contentIds.IsEmpty)
            refresh.Everything();

        foreach (var id in contentIds)
            refresh.Moved(id);
    }

    public async ValueTask DisposeAsync()
    {
        await recovery.DisposeAsync();
        await applier.DisposeAsync();
    }

    private Task<Outcome> WaitAsync(long batch) => commits.WaitAsync(batch);

    private static long AddViews(BatchBuilder open, long number, ViewsCall call)
    {
        var latest = 0L;
        for (var i = 0; i < call.Batches.Length; i++)
        {
            if (call.Counters[i] is null)
                continue;

            if (call.Receipts.IsEmpty)
            {
                open.Add(call.ContentIds[i], call.Counts[i]);
                call.Batches[i] = number;
            }
            else if (open.AddKeyed(number, call.ContentIds[i], call.Counts[i], call.Receipts[i]) is { } batch)
            {
                call.Batches[i] = batch;
            }
            else
            {
                (call.KeyConflicts ??= []).Add(i);
            }

            latest = Math.Max(latest, call.Batches[i]);
        }

        return latest;
    }

    private static long AddRequest(BatchBuilder open, long number, RequestCall call)
    {
        var request = call.Request;
        if (request.Receipt is { } receipt)
        {
            if (open.AddKeyed(number, call.Unkeyed, receipt) is { } batch)
                return call.Add(batch);

            call.IsKeyConflict = true;
            return 0;
        }

        foreach (var (contentId, count) in call.Unkeyed)
            open.Add(contentId, count);

        var latest = call.Unkeyed.Count > 0 ? call.Add(number) : 0;
        for (var i = 0; i < request.Receipts?.Length; i++)
        {
            if (request.Receipts[i] == Guid.Empty)
                continue;

            if (open.AddKeyed(number, request.ContentIds[i], request.Counts[i], request.Receipts[i]) is { } batch)
                latest = Math.Max(latest, call.Add(batch));
            else
                call.KeyConflicts.Add(i);
        }

        return latest;
    }

    private void Append(long number, BatchBuilder batch)
    {
        var begun = time.GetTimestamp();
        try
        {
            journal.Append(writerId, number, batch.ToEntries());
        }
        catch (WriterGoneException e)
        {
            StopSilo(e);
            throw;
        }

        applier.Appended(batch.Entries);
        metrics.Appended(batch, time.GetElapsedTime(begun));
    }

    /// <summary>Others think this silo dead; it takes nothing more and ends, so that a supervisor starts it anew.</summary>
    private void StopSilo(WriterGoneException e)
    {
        if (gone)
            return;

        gone = true;
        LogGone(logger, e.Message);
        Environment.ExitCode = 1;
        host.StopApplication();
    }

    private void Completed(long number, BatchBuilder batch, Outcome outcome)
    {
        if (outcome != Outcome.Refused)
            return;

        metrics.Refused();
        commits.Synchronized(() => batch.Revert(number));
    }

    [LoggerMessage(LogLevel.Critical, "{Message}")]
    private static partial void LogGone(ILogger logger, string message);

    [LoggerMessage(LogLevel.Error, "The journal could not be applied before the end; {Entries} entries stay in it for the next silo.")]
    private static partial void LogLeftBehind(ILogger logger, long entries, Exception exception);

    private sealed class ViewsCall(
        ImmutableArray<Guid> contentIds, ImmutableArray<long> counts, ImmutableArray<Guid> receipts, ViewCounter?[] counters, long[] batches)
    {
        public readonly ImmutableArray<Guid> ContentIds = contentIds;
        public readonly ImmutableArray<long> Counts = counts;
        public readonly ImmutableArray<Guid> Receipts = receipts;

        // Null where the title is not active here.
        public readonly ViewCounter?[] Counters = counters;
        public readonly long[] Batches = batches;
        public List<int>? KeyConflicts;
        public List<int>? Elsewhere;

        /// <summary>Whether any of it is to be waited for.</summary>
        public bool IsTicket => Counters.Length > (KeyConflicts?.Count ?? 0) + (Elsewhere?.Count ?? 0);
    }

    private sealed class RequestCall(ViewBatch request, Dictionary<Guid, long> unkeyed)
    {
        public readonly ViewBatch Request = request;

        // Sums by title of the entries without a key of their own.
        public readonly Dictionary<Guid, long> Unkeyed = unkeyed;
        public readonly SortedSet<long> Batches = [];
        public readonly List<int> KeyConflicts = [];
        public bool IsKeyConflict;

        public long Add(long batch)
        {
            Batches.Add(batch);
            return batch;
        }
    }
}

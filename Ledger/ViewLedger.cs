using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Streaming.Viewing.Ledger;

/// <summary>
/// The view ledger of this silo: takes views into the journal's next batch and tells when it is on disk, which is
/// the acknowledgement. <see cref="JournalApplier"/> does the rest.
/// </summary>
internal sealed partial class ViewLedger : ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    // An entry with its receipt, about; an unkeyed view of a title that the batch already has costs nothing.
    private const int EntryBytes = 64;
    // Above the stage at which the silo joins the membership and leaves it, so that no other takes a writer whose silo it
    // does not see for dead; below the grains, so that what they record while they deactivate is still applied.
    private const int Stage = ServiceLifecycleStage.AfterRuntimeGrainServices + 500;

    private static readonly TimeSpan CommitStopTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ApplyStopTimeout = TimeSpan.FromSeconds(8);

    private readonly IViewJournal journal;
    private readonly ViewCounters counters = new();
    private readonly GroupCommit<OpenBatch> commits;
    private readonly JournalApplier applier;
    private readonly DeadWriters deadWriters;
    private readonly TotalsRefresh refresh;
    private readonly LedgerMetrics metrics;
    private readonly IHostApplicationLifetime host;
    private readonly TimeProvider time;
    private readonly ILogger logger;
    private readonly string writerId;
    private volatile bool gone;

    public ViewLedger(
        IViewJournal journal,
        ILocalSiloDetails silo,
        IClusterMembershipService membership,
        IGrainFactory grains,
        LedgerMetrics metrics,
        IHostApplicationLifetime host,
        IOptions<LedgerOptions> options,
        BackgroundLoops loops,
        TimeProvider time,
        ILogger<ViewLedger> logger)
    {
        (this.journal, this.metrics, this.host, this.time, this.logger) = (journal, metrics, host, time, logger);
        writerId = silo.SiloAddress.ToParsableString();
        refresh = new TotalsRefresh(journal, counters, membership, time);
        var news = new TotalsNews(grains, membership, silo, logger);
        applier = new JournalApplier(journal, writerId, counters, refresh, news, metrics, options.Value, loops, time, logger);
        deadWriters = new DeadWriters(
            journal, writerId, membership, refresh, metrics, TimeSpan.FromSeconds(options.Value.SweepIntervalSeconds), loops, time, logger);
        metrics.Observe(applier);
        var receipts = new ReceiptMemory(options.Value.MaxReceiptsInMemory);
        commits = new GroupCommit<OpenBatch>(
            "view ledger", () => new OpenBatch(receipts, counters), Append, Completed, GroupCommitLimits.From(options.Value), time, logger);
    }

    /// <summary>Key of the <see cref="ILedgerGrain"/> that callers reach this ledger by.</summary>
    public string Key => writerId;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(nameof(ViewLedger), Stage, StartAsync, StopAsync);

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

    /// <summary>Takes views of titles that are active here into the next batch.</summary>
    public LedgerTicket Record(LedgerViews views)
    {
        var count = views.ContentIds.Length;
        var call = new ViewsCall(views, new ViewCounter?[count], new long[count]);
        for (var i = 0; i < count; i++)
        {
            call.Counters[i] = counters.FindUsed(views.ContentIds[i]);
            call.Batches[i] = LedgerTicket.Elsewhere;
        }

        if (gone || applier.IsBehind || !commits.TryAdd(call, count, EntryBytes * count, AddViews, out _))
            return LedgerTicket.Full;

        var first = call.Batches[0];
        return new LedgerTicket(
            Busy: false, first, call.Batches.AsSpan().ContainsAnyExcept(first) ? call.Batches : null,
            Array.ConvertAll(call.Counters, counter => counter?.Live ?? 0));
    }

    /// <summary>Takes a whole request, of titles that exist, into the next batch and waits for its commit.</summary>
    public async Task<ViewBatchResult> RecordAsync(ViewBatchRequest request)
    {
        // Added up before the lock is taken: single views wait for it.
        var call = new RequestCall(request, request.SumUnkeyed(), [], []);
        if (gone || applier.IsBehind || !commits.TryAdd(call, 1, EntryBytes * request.ContentIds.Length, AddRequest, out _))
            return new ViewBatchResult(Busy: true, BatchOutcome.NotRecorded, [], []);

        var outcome = BatchOutcome.Committed;
        foreach (var batch in call.Batches)
        {
            // More than one batch: some entries repeat earlier ones. One failure then says nothing of the others.
            if (await WaitAsync(batch) is var other and not BatchOutcome.Committed)
                outcome = call.Batches.Count == 1 ? other : BatchOutcome.Unknown;
        }

        return new ViewBatchResult(Busy: false, outcome, [], [.. call.Conflicts]);
    }

    /// <inheritdoc cref="GroupCommit{TContent}.WaitAsync"/>
    public Task<BatchOutcome> WaitAsync(long batch) => commits.WaitAsync(batch);

    /// <summary>See <see cref="ILedgerGrain.TotalsMovedAsync"/>.</summary>
    public void TotalsMoved(ImmutableArray<Guid> contentIds)
    {
        if (contentIds.IsEmpty)
            refresh.Everything();

        foreach (var id in contentIds)
            refresh.Moved(id);
    }

    public async ValueTask DisposeAsync()
    {
        await deadWriters.DisposeAsync();
        await applier.DisposeAsync();
    }

    private static long AddViews(OpenBatch open, long number, ViewsCall call)
    {
        var (views, latest) = (call.Views, 0L);
        for (var i = 0; i < call.Batches.Length; i++)
        {
            if (call.Counters[i] is null)
                continue;

            if (views.Receipts.IsEmpty)
            {
                open.Add(views.ContentIds[i], views.Counts[i]);
                call.Batches[i] = number;
            }
            else
            {
                call.Batches[i] = open.AddKeyed(number, views.ContentIds[i], views.Counts[i], views.Receipts[i]);
            }

            latest = Math.Max(latest, call.Batches[i]);
        }

        return latest;
    }

    private static long AddRequest(OpenBatch open, long number, RequestCall call)
    {
        var request = call.Request;
        if (request.Receipt is { } receipt)
            return call.Add(open.AddKeyed(number, call.Unkeyed, receipt), conflict: -1);

        foreach (var (contentId, count) in call.Unkeyed)
            open.Add(contentId, count);

        var latest = call.Unkeyed.Count > 0 ? call.Add(number, conflict: -1) : 0;
        for (var i = 0; i < request.Receipts?.Length; i++)
        {
            if (request.Receipts[i] != Guid.Empty)
                latest = Math.Max(latest, call.Add(open.AddKeyed(number, request.ContentIds[i], request.Counts[i], request.Receipts[i]), i));
        }

        return latest;
    }

    private void Append(long number, OpenBatch batch)
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

    private void Completed(long number, OpenBatch batch, BatchOutcome outcome)
    {
        if (outcome != BatchOutcome.NotRecorded)
            return;

        metrics.Refused();
        commits.Synchronized(() => batch.TakeBack(number));
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        await deadWriters.StartAsync(cancellationToken);
        await journal.OpenWriterAsync(writerId, cancellationToken);
        applier.Start();
        commits.Start();
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(CommitStopTimeout);
        await deadWriters.StopAsync(giveUp.Token);
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

    [LoggerMessage(LogLevel.Critical, "{Message}")]
    private static partial void LogGone(ILogger logger, string message);

    [LoggerMessage(LogLevel.Error, "The journal could not be applied before the end; {Entries} entries stay in it for the next silo.")]
    private static partial void LogLeftBehind(ILogger logger, long entries, Exception exception);

    /// <param name="Counters">Null where the title is not active here.</param>
    /// <param name="Batches">The batch of each entry, or what stands in its place in a <see cref="LedgerTicket"/>.</param>
    private readonly record struct ViewsCall(LedgerViews Views, ViewCounter?[] Counters, long[] Batches);

    /// <param name="Unkeyed">Sums by title of the entries without a key of their own.</param>
    private readonly record struct RequestCall(
        ViewBatchRequest Request, Dictionary<Guid, long> Unkeyed, SortedSet<long> Batches, List<int> Conflicts)
    {
        public long Add(long batch, int conflict)
        {
            if (batch == 0)
                Conflicts.Add(conflict);
            else
                Batches.Add(batch);

            return batch;
        }
    }
}

using Microsoft.Extensions.Logging;

namespace Streaming.Viewing.Ledger;

/// <summary>
/// Takes over the journals of writers whose silo is dead or gone: at the start, when the membership changes, and now and
/// then. In the embedded family the data folder's lock says that no other silo lives.
/// </summary>
internal sealed partial class DeadWriters(
    IViewJournal journal, string writerId, IClusterMembershipService membership, TotalsRefresh refresh, LedgerMetrics metrics, TimeSpan interval, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource stopping = new();
    private Task sweeping = Task.CompletedTask;
    private int disposed;

    /// <summary>Sweeps once, then goes on in the background.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await SweepAsync(cancellationToken);
        sweeping = Task.Run(SweepPeriodicallyAsync, CancellationToken.None);
    }

    public async Task StopAsync()
    {
        await stopping.CancelAsync();
        await sweeping;
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) == 1)
            return;

        await StopAsync();
        stopping.Dispose();
    }

    private async Task SweepPeriodicallyAsync()
    {
        await using var changes = membership.MembershipUpdates.GetAsyncEnumerator(stopping.Token);
        var change = changes.MoveNextAsync().AsTask();
        var swept = MembershipVersion.MinValue;
        try
        {
            while (true)
            {
                await Task.WhenAny(change, Task.Delay(interval, stopping.Token));
                stopping.Token.ThrowIfCancellationRequested();
                if (change.IsCompleted)
                    change = changes.MoveNextAsync().AsTask();

                var version = membership.CurrentSnapshot.Version;
                while (!await TrySweepAsync())
                    await Task.Delay(RetryDelay, stopping.Token);

                // Titles of a silo that died may have become active here before its journal was applied. By now it is:
                // the sweep did it, found it done, or waited for whoever did it.
                if (version != swept)
                    refresh.Everything();

                swept = version;
            }
        }
        catch (OperationCanceledException)
        {
            // The silo stops.
        }
        finally
        {
            await ((Task)change).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TrySweepAsync()
    {
        try
        {
            await SweepAsync(stopping.Token);
            return true;
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogSweepFailed(logger, e);
            return false;
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        var writers = await journal.ListWritersAsync(cancellationToken);
        // After the list: a silo joins the membership before it opens its writer, so a refreshed membership knows every
        // living writer that was listed.
        await membership.Refresh(cancellationToken: cancellationToken);
        var members = membership.CurrentSnapshot;
        foreach (var writer in writers)
        {
            if (writer != writerId && IsDead(members, writer))
                await TakeOverAsync(writer, cancellationToken);
        }
    }

    private static bool IsDead(ClusterMembershipSnapshot members, string writer)
    {
        try
        {
            return members.GetSiloStatus(SiloAddress.FromParsableString(writer)) is SiloStatus.Dead or SiloStatus.None;
        }
        catch (FormatException)
        {
            // No address that a silo of ours could have.
            return true;
        }
    }

    private async Task TakeOverAsync(string writer, CancellationToken cancellationToken)
    {
        var batches = 0;
        AppliedViews step;
        do
        {
            step = await journal.ApplyAsync(writer, cancellationToken);
            batches += Report(step);
        }
        while (step.Batches > 0);

        batches += Report(await journal.CloseWriterAsync(writer, cancellationToken));
        LogTakenOver(logger, writer, batches);
    }

    private int Report(AppliedViews step)
    {
        metrics.Recovered(step);
        if (step.Quarantined > 0)
            JournalApplier.LogQuarantined(logger, step.Quarantined);

        return step.Batches;
    }

    [LoggerMessage(LogLevel.Information, "Took over the journal of writer {Writer}: {Batches} batches applied.")]
    private static partial void LogTakenOver(ILogger logger, string writer, int batches);

    [LoggerMessage(LogLevel.Warning, "The journals of dead writers could not be taken over; it is tried again in a second.")]
    private static partial void LogSweepFailed(ILogger logger, Exception exception);
}

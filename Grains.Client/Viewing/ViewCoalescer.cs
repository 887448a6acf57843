using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Streaming.Viewing;

/// <summary>
/// Calls to one ledger. While some are under way, further views wait and go as the next call, those of one title added up: a
/// call costs about the same for a hundred views as for one. Views with a key go in calls of their own, which may be repeated.
/// After a failed call it is of no more use: what waits in it was never sent.
/// </summary>
/// <param name="failed">Is told of calls whose outcome is unknown.</param>
internal sealed class ViewCoalescer(ILedgerGrain ledger, Action<Exception> failed)
{
    private readonly Line unkeyed = new(ledger, failed);
    private readonly Line keyed = new(ledger, failed);

    /// <summary>Lets a view travel with a call, and sends that if there is none to wait for. False when the next call is full.</summary>
    /// <param name="index">The view's place in the call.</param>
    public bool TryJoin(Guid contentId, int count, Guid? receipt, [NotNullWhen(true)] out LedgerCall? call, out int index) =>
        (receipt is null ? unkeyed : keyed).TryJoin(contentId, count, receipt, out call, out index);

    private sealed class Line(ILedgerGrain ledger, Action<Exception> failed)
    {
        // A call takes no longer than its way there and back: its commit is waited for apart.
        private const int MaxUnderWay = 2;

        private readonly Lock gate = new();
        private LedgerCall? next;
        private int underWay;
        private bool broken;

        public bool TryJoin(Guid contentId, int count, Guid? receipt, [NotNullWhen(true)] out LedgerCall? call, out int index)
        {
            lock (gate)
            {
                if (broken)
                {
                    (call, index) = (LedgerCall.NeverSent, 0);
                    return true;
                }

                call = next ??= new LedgerCall();
                if (!call.TryAdd(contentId, count, receipt, out index))
                    return false;

                if (underWay == MaxUnderWay)
                    return true;

                underWay++;
                next = null;
            }

            Detached.Run(SendAllAsync, call);
            return true;
        }

        private async Task SendAllAsync(LedgerCall first)
        {
            for (var call = first; call is not null; call = TakeNext())
            {
                if (!await SendAsync(call))
                    Break();
            }
        }

        private LedgerCall? TakeNext()
        {
            lock (gate)
            {
                var call = next;
                next = null;
                if (call is null)
                    underWay--;

                return call;
            }
        }

        private void Break()
        {
            LedgerCall? waiting;
            lock (gate)
            {
                broken = true;
                waiting = next;
                next = null;
            }

            waiting?.Fail(EntryStatus.NeverRan);
        }

        /// <summary>Never throws; false when there is no answer.</summary>
        private async Task<bool> SendAsync(LedgerCall call)
        {
            try
            {
                var ticket = await ledger.RecordAsync(call.ToViews());
                _ = FinishAsync(call, ticket);
                // A call that meets the end of the silo is lost, and nobody can say whether it ran.
                return !ticket.Leaving;
            }
            catch (Exception e) when (FailedCall.NeverRan(e))
            {
                call.Fail(EntryStatus.NeverRan);
            }
            catch (Exception e)
            {
                failed(e);
                call.Fail(EntryStatus.MayHaveRun);
            }

            return false;
        }

        /// <summary>Waits for the commit of what the ledger took. Never throws.</summary>
        private async Task FinishAsync(LedgerCall call, LedgerTicket ticket)
        {
            try
            {
                var batches = BatchesOf(ticket);
                call.Complete(ticket, batches, batches.IsEmpty ? [] : await WaitAsync(batches));
            }
            catch (Exception e)
            {
                // A ticket of another version of the platform, say: no caller must wait for it for ever.
                failed(e);
                call.Fail(EntryStatus.Unknown);
            }
        }

        private async Task<ImmutableArray<Outcome>> WaitAsync(ImmutableArray<long> batches)
        {
            try
            {
                return await CallRetry.AskAsync(ledger, ledger => new ValueTask<ImmutableArray<Outcome>>(ledger.WaitAsync(batches)));
            }
            catch (Exception e)
            {
                failed(e);
                return [.. Enumerable.Repeat(Outcome.Unknown, batches.Length)];
            }
        }

        /// <summary>The batches to wait for, each once.</summary>
        private static ImmutableArray<long> BatchesOf(LedgerTicket ticket)
        {
            if (ticket.Batches is { } each)
                return [.. each.Where((_, i) => !ticket.KeyConflicts.Contains(i) && !ticket.Elsewhere.Contains(i)).Distinct()];

            return ticket.Views.Length > ticket.KeyConflicts.Length + ticket.Elsewhere.Length ? [ticket.Batch] : [];
        }
    }
}

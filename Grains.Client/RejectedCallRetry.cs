using Streaming.Health;
using Streaming.Viewing;

namespace Streaming;

/// <summary>
/// Repeats calls that were rejected before they ran, as they are while a grain moves or its silo leaves: nothing of them has happened, so that is safe
/// for every method. Bounded in attempts, and in time by about the time-out of one call.
/// </summary>
public sealed class RejectedCallRetry(TimeProvider time) : IOutgoingGrainCallFilter
{
    public Task Invoke(IOutgoingGrainCallContext context) =>
        IsRepeated(context.Request.GetInterfaceType()) ? RepeatAsync(context) : context.Invoke();

    /// <summary>Callers of a ledger look for another when it cannot be called, and whoever asks for the cluster's health wants to know.</summary>
    private static bool IsRepeated(Type grain) => grain != typeof(ILedgerGrain) && grain != typeof(IClusterHealthGrain);

    private async Task RepeatAsync(IOutgoingGrainCallContext context)
    {
        var begun = time.GetTimestamp();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await context.Invoke();
                if (context.Response?.Exception is not { } failure || !MayRepeat(failure, attempt, begun))
                    return;
            }
            catch (Exception e) when (MayRepeat(e, attempt, begun))
            {
                // Nothing was sent.
            }

            await CallRetry.PauseAsync(attempt);
        }
    }

    private bool MayRepeat(Exception failure, int attempt, long begun) =>
        FailedCall.NeverRan(failure) && attempt < CallRetry.MaxAttempts && time.GetElapsedTime(begun) < CallRetry.MaxTime;
}

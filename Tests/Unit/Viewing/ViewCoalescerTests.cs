using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ViewCoalescerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Views_of_others_are_sent_though_the_activation_that_came_first_is_busy()
    {
        // An activation's turns run one after the other, as here.
        var turns = new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler;
        var answers = new TaskCompletionSource<LedgerTicket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = new SemaphoreSlim(0);
        var ledger = Doubled.Of<ILedgerGrain>((_, _) =>
        {
            calls.Release();
            return new ValueTask<LedgerTicket>(answers.Task);
        });
        var line = new ViewCoalescer(ledger, _ => { });
        LedgerCall? third = null;
        using var busy = new ManualResetEventSlim();
        var turn = Task.Factory.StartNew(
            () =>
            {
                // Two calls may be under way; the third waits for one of them.
                Assert.True(line.TryJoin(Guid.NewGuid(), 1, null, out _, out _));
                Assert.True(line.TryJoin(Guid.NewGuid(), 1, null, out _, out _));
                Assert.True(line.TryJoin(Guid.NewGuid(), 1, null, out third, out _));
                busy.Wait(Cancel);
            },
            Cancel, TaskCreationOptions.None, turns);
        try
        {
            Assert.True(await calls.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
            Assert.True(await calls.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
            answers.SetResult(LedgerTicket.Full);
            Assert.True(await calls.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
            await third!.Done.WaitAsync(TimeSpan.FromSeconds(30), Cancel);
        }
        finally
        {
            busy.Set();
            await turn;
        }
    }
}

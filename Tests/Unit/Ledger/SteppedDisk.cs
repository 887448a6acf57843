using System.Collections.Concurrent;

namespace Streaming.Tests.Ledger;

/// <summary>Stands for a store: a double whose every commit begins when the engine calls and ends as the test says.</summary>
internal sealed class SteppedDisk : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<(long Number, int[] Items)> begun = [];
    private readonly BlockingCollection<Exception?> endings = [];

    public void Commit(long number, List<int> items)
    {
        begun.Add((number, [.. items]));
        if (endings.TryTake(out var failure, (int)Patience.TotalMilliseconds) && failure is not null)
            throw failure;
    }

    public (long Number, int[] Items) NextCommit()
    {
        Assert.True(begun.TryTake(out var commit, (int)Patience.TotalMilliseconds), "no commit came");
        return commit;
    }

    public void ExpectCommit(long number, params int[] items)
    {
        var commit = NextCommit();
        Assert.Equal(number, commit.Number);
        Assert.Equal(items, commit.Items);
    }

    public void Succeed() => endings.Add(null);

    public void Fail(Exception failure) => endings.Add(failure);

    public void Refuse() => endings.Add(Refusal());

    public static StoreRefusedException Refusal() => new("full", new IOException());

    public void Finish() => endings.CompleteAdding();

    public void Dispose()
    {
        begun.Dispose();
        endings.Dispose();
    }
}

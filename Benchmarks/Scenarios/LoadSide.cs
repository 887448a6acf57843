using System.Diagnostics;
using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>One half of a pair: what is sent, and the processes that answer it.</summary>
internal sealed record LoadSide(string Name, LoadPlan Plan, params ChildProcess[] Processes)
{
    public void ThrowIfExited() => Array.ForEach(Processes, process => process.ThrowIfExited());

    /// <summary>Waits until nothing is left to do that the processes have put off.</summary>
    public Func<CancellationToken, Task>? UntilDoneAsync { get; init; }

    /// <inheritdoc cref="ChildProcess.SettleAsync"/>
    public async Task<TimeSpan> SettleAsync(CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        if (UntilDoneAsync is not null)
            await UntilDoneAsync(cancellationToken);

        var done = clock.Elapsed;
        return done + (await Task.WhenAll(Processes.Select(process => process.SettleAsync(cancellationToken)))).Max();
    }
}

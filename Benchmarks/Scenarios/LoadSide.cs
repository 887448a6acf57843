using Streaming.Benchmarks.Load;
using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>One half of a pair: what is sent, and the processes that answer it.</summary>
internal sealed record LoadSide(string Name, LoadPlan Plan, params ChildProcess[] Processes)
{
    public void ThrowIfExited() => Array.ForEach(Processes, process => process.ThrowIfExited());

    /// <inheritdoc cref="ChildProcess.SettleAsync"/>
    public async Task<TimeSpan> SettleAsync(CancellationToken cancellationToken) =>
        (await Task.WhenAll(Processes.Select(process => process.SettleAsync(cancellationToken)))).Max();
}

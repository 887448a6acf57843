using Orleans.Concurrency;

namespace Streaming.Benchmarks.Hosts;

/// <summary>What a call through front and silo costs when nothing is behind it.</summary>
[Alias("bench-noop")]
public interface INoopGrain : IGrainWithGuidKey
{
    [Alias("pass")]
    ValueTask PassAsync();
}

/// <summary>Reentrant as the title's grain is.</summary>
[Reentrant]
internal sealed class NoopGrain : Grain, INoopGrain
{
    public ValueTask PassAsync() => ValueTask.CompletedTask;
}

using System.Collections.Immutable;
using Orleans.Concurrency;

namespace Streaming.Users;

/// <summary>Holds nothing: fronts ask when they start and once a day.</summary>
[StatelessWorker, Reentrant]
internal sealed class KeyRingGrain(IKeyRingStore store) : Grain, IKeyRingGrain
{
    // A key is made every 90 days.
    private const int MaxElements = 1_000;

    public async Task<ImmutableArray<string>> ListAsync() => [.. await store.ListAsync(MaxElements, CancellationToken.None)];

    public Task<bool> AddAsync(int number, string element)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, MaxElements);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(element.Length, IKeyRingGrain.MaxLength);
        return store.AddAsync(number, element, CancellationToken.None);
    }
}

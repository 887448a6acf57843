using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>What a test does to the writes of all silos that share a state.</summary>
internal sealed class StateGate
{
    /// <summary>Whether a write that began from an older state is refused.</summary>
    public bool ChecksETags { get; set; } = true;

    /// <summary>Runs before a write.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;
}

/// <summary>A double: a real grain storage behind a gate.</summary>
internal sealed class GatedState(IGrainStorage storage, StateGate gate) : IGrainStorage
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ReadStateAsync(stateName, grainId, grainState);

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await gate.BeforeWrite();
        while (true)
        {
            try
            {
                await storage.WriteStateAsync(stateName, grainId, grainState);
                return;
            }
            catch (InconsistentStateException) when (!gate.ChecksETags)
            {
                var current = new GrainState<T>();
                await storage.ReadStateAsync(stateName, grainId, current);
                (grainState.ETag, grainState.RecordExists) = (current.ETag, current.RecordExists);
            }
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        storage.ClearStateAsync(stateName, grainId, grainState);
}

/// <summary>A double: quotas in memory, for silos that share them.</summary>
internal sealed class SharedQuotas : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, Row> rows = new();
    private long version;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = rows.GetValueOrDefault(grainId);
        grainState.State = (T)(object)new QuotaState { Reservations = [.. row?.Reservations ?? []] };
        (grainState.ETag, grainState.RecordExists) = (row?.ETag, row is not null);
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var etag = Interlocked.Increment(ref version).ToString(CultureInfo.InvariantCulture);
        var next = new Row(etag, [.. ((QuotaState)(object)grainState.State!).Reservations]);
        rows.AddOrUpdate(grainId, _ => Checked(null), (_, row) => Checked(row.ETag));
        (grainState.ETag, grainState.RecordExists) = (etag, true);
        return Task.CompletedTask;

        Row Checked(string? stored) => stored == grainState.ETag
            ? next
            : throw new InconsistentStateException($"The stored ETag is {stored}, not {grainState.ETag}.");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    private sealed record Row(string ETag, IReadOnlyList<Reservation> Reservations);
}

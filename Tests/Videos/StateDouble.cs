using System.Collections.Concurrent;
using System.Globalization;
using Orleans.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

/// <summary>A double of a grain storage in memory, for silos that share it: a test can hold up its writes, and switch its ETags off.</summary>
internal sealed class StateDouble : IGrainStorage
{
    private readonly ConcurrentDictionary<GrainId, Row> rows = new();
    private long version;

    /// <summary>Whether a write that began from an older state is refused.</summary>
    public bool ChecksETags { get; set; } = true;

    /// <summary>Runs before a write.</summary>
    public Func<Task> BeforeWrite { get; set; } = () => Task.CompletedTask;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var row = rows.GetValueOrDefault(grainId);
        grainState.State = (T)(object)new QuotaState { Reservations = [.. row?.Reservations ?? []] };
        (grainState.ETag, grainState.RecordExists) = (row?.ETag, row is not null);
        return Task.CompletedTask;
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        await BeforeWrite();
        var state = (QuotaState)(object)grainState.State!;
        var next = new Row(Interlocked.Increment(ref version).ToString(CultureInfo.InvariantCulture), [.. state.Reservations]);
        rows.AddOrUpdate(grainId, _ => Checked(null, next), (_, row) => Checked(row.ETag, next));
        (grainState.ETag, grainState.RecordExists) = (next.ETag, true);

        Row Checked(string? stored, Row row) => !ChecksETags || stored == grainState.ETag
            ? row
            : throw new InconsistentStateException($"The stored ETag is {stored}, not {grainState.ETag}.");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => throw new NotSupportedException();

    private sealed record Row(string ETag, IReadOnlyList<Reservation> Reservations);
}

namespace Streaming.Videos;

/// <summary>What a <see cref="QuotaGrain"/> keeps: no usage, which the rows of <c>videos</c> have.</summary>
[GenerateSerializer, Alias("quota-state")]
internal sealed class QuotaState
{
    [Id(0)]
    public List<Reservation> Reservations { get; set; } = [];
}

/// <param name="ExpiresAt">For an upload the <c>due_at</c> of its row.</param>
/// <param name="IsRestore">Of a deleted video's bytes; it was uploaded before, so that only storage is reserved.</param>
[GenerateSerializer, Immutable, Alias("quota-reservation")]
internal sealed record Reservation(
    [property: Id(0)] Guid VideoId,
    [property: Id(1)] long Bytes,
    [property: Id(2)] DateTimeOffset ExpiresAt,
    [property: Id(3)] bool IsRestore = false)
{
    public long Charge => QuotaLimits.Charge(Bytes);
}

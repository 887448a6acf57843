using Orleans.Storage;

namespace Streaming.Videos;

/// <summary>
/// The reservations of a user. Read anew before each step, which costs little beside an upload: what another activation
/// wrote is known then, and so is what became of a write that failed. A write succeeds when nobody has written since.
/// </summary>
internal sealed class QuotaReservations(IPersistentState<QuotaState> state)
{
    /// <summary>Attempts at a step when others write between its reading and its writing.</summary>
    public const int MaxAttempts = 5;

    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    public async Task<IReadOnlyList<Reservation>> ReadAsync()
    {
        try
        {
            await state.ReadStateAsync();
            return state.State.Reservations;
        }
        catch (OrleansException e)
        {
            throw Unavailable(e);
        }
    }

    /// <summary>False when others have written since the last reading.</summary>
    /// <exception cref="StoreUnavailableException">Whether it was written is unknown.</exception>
    public async Task<bool> TryWriteAsync(IEnumerable<Reservation> reservations)
    {
        state.State = new QuotaState { Reservations = [.. reservations] };
        try
        {
            await state.WriteStateAsync();
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
        catch (OrleansException e)
        {
            throw Unavailable(e);
        }
    }

    /// <summary>Gives a reservation another end. False when it is gone.</summary>
    public Task<bool> TryRenewAsync(Guid videoId, DateTimeOffset expiresAt) =>
        TryChangeAsync(videoId, reservation => reservation with { ExpiresAt = expiresAt });

    /// <summary>Gives back what is reserved, if it is.</summary>
    public Task DropAsync(Guid videoId) => TryChangeAsync(videoId, _ => null);

    /// <summary>Empties what is stored. The row itself stays, and with it the ETag, which must not begin anew under an activation that lives.</summary>
    public async Task ClearAsync()
    {
        await ReadAsync();
        if (state.RecordExists)
            await state.ClearStateAsync();
    }

    private async Task<bool> TryChangeAsync(Guid videoId, Func<Reservation, Reservation?> change)
    {
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var all = await ReadAsync();
            if (all.All(reservation => reservation.VideoId != videoId))
                return false;

            if (await TryWriteAsync(all.Select(r => r.VideoId == videoId ? change(r) : r).OfType<Reservation>()))
                return true;
        }

        throw new InconsistentStateException($"Others wrote the reservations {MaxAttempts} times between reading and writing.");
    }

    private static StoreUnavailableException Unavailable(OrleansException cause) => new("The grains' state cannot be read or written now.", cause);
}

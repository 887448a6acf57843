namespace Streaming.Videos;

/// <summary>Rows whose media are to be removed.</summary>
public interface IVideoRemovalStore
{
    /// <summary>
    /// Rows that are due: uploads that died, deleted videos past their grace, removals to try again, and stored videos whose
    /// account is gone. Makes each <c>removing</c>, due again at <paramref name="nextAt"/>, and empties its title, in one step, so that
    /// of concurrent callers one gets it. First due first.
    /// </summary>
    Task<IReadOnlyList<DueVideo>> TakeDueAsync(DateTimeOffset now, DateTimeOffset nextAt, int limit, CancellationToken cancellationToken);

    /// <summary>The media are gone: so is the row. Nothing to do when it is not removing.</summary>
    Task RemoveAsync(Guid videoId, CancellationToken cancellationToken);

    /// <summary>Moves the moment at which a row that is removing is taken again, as one whose media were removed once.</summary>
    Task LookAgainAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Makes up to <paramref name="limit"/> of a user's rows, in whatever other state, removing at once, and empties their titles; returns which. Callers repeat it until none is returned.</summary>
    Task<IReadOnlyList<Guid>> RemoveAllAsync(Guid userId, DateTimeOffset now, int limit, CancellationToken cancellationToken);
}

/// <param name="WasUploading">The upload died, or was given up, so a front may still write; false for what had been stored.</param>
/// <param name="WasLookedAt">Its media were removed once: see <see cref="IVideoRemovalStore.LookAgainAsync"/>.</param>
public sealed record DueVideo(Guid VideoId, bool WasUploading, bool WasLookedAt);

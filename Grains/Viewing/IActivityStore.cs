namespace Streaming.Viewing;

/// <summary>Watch history and resume positions, by user id. They are written by the ledger: <see cref="IActivityBatchStore"/>.</summary>
public interface IActivityStore
{
    /// <summary>History joined with titles, newest first (ties by session id), those before <paramref name="before"/>.</summary>
    Task<HistoryPage> GetHistoryAsync(
        Guid userId, int limit, PageCursor? before, Freshness freshness, CancellationToken cancellationToken);

    /// <summary>One viewing session; null when it is new.</summary>
    Task<SessionProgress?> GetSessionAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken);

    /// <summary>A user's progress in a title, a forgotten one too; null when it was never played.</summary>
    Task<TitleProgress?> GetTitleAsync(Guid userId, Guid contentId, CancellationToken cancellationToken);

    /// <summary>Where to resume a title; null when it was never played, or forgotten.</summary>
    Task<ResumePosition?> GetResumePositionAsync(Guid userId, Guid contentId, CancellationToken cancellationToken);

    /// <summary>Titles begun and not finished, newest first.</summary>
    Task<IReadOnlyList<ResumePosition>> GetContinueWatchingAsync(Guid userId, int limit, CancellationToken cancellationToken);

    /// <summary>Removes where to resume a title, and that it was watched; heartbeats made before <paramref name="at"/> do not bring it back.</summary>
    Task ForgetPositionAsync(Guid userId, Guid contentId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>
    /// All that is stored of a user's viewing sessions, newest first (ties by session id), those before
    /// <paramref name="before"/>; without titles, and also of titles that are gone from the catalogue. Does not lag.
    /// </summary>
    Task<StorePage<WatchedSession>> ListSessionsAsync(Guid userId, int limit, PageCursor? before, CancellationToken cancellationToken);

    /// <summary>All of a user's resume positions, those of titles watched to the end too, by content id, those after <paramref name="after"/>. Does not lag.</summary>
    Task<StorePage<ResumePosition>> ListResumePositionsAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken);

    /// <summary>
    /// Removes up to <paramref name="limit"/> of a user's sessions and as many resume positions; returns how many rows that were.
    /// Callers repeat it until nothing is left. Whoever still watches adds more until the account is gone.
    /// </summary>
    Task<int> RemoveAsync(Guid userId, int limit, CancellationToken cancellationToken);
}

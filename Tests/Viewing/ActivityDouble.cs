using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>A double: a real activity store whose writes a test can refuse or make lose their answer.</summary>
internal sealed class ActivityDouble(IActivityStore store) : IActivityStore
{
    /// <summary>Runs before a write reaches the store.</summary>
    public Action? BeforeWrite { get; set; }

    /// <summary>Runs when a write is in the store and before its caller knows.</summary>
    public Action? AfterWrite { get; set; }

    public void Write(string writerId, long batch, IReadOnlyList<SessionProgress> sessions)
    {
        BeforeWrite?.Invoke();
        store.Write(writerId, batch, sessions);
        AfterWrite?.Invoke();
    }

    public Task<HistoryPage> GetHistoryAsync(
        Guid userId, int limit, PageCursor? before, Freshness freshness, CancellationToken cancellationToken) =>
        store.GetHistoryAsync(userId, limit, before, freshness, cancellationToken);

    public Task<SessionProgress?> GetSessionAsync(Guid userId, Guid sessionId, CancellationToken cancellationToken) =>
        store.GetSessionAsync(userId, sessionId, cancellationToken);

    public Task<ResumePosition?> GetResumePositionAsync(Guid userId, Guid contentId, CancellationToken cancellationToken) =>
        store.GetResumePositionAsync(userId, contentId, cancellationToken);

    public Task<IReadOnlyList<ResumePosition>> GetContinueWatchingAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        store.GetContinueWatchingAsync(userId, limit, cancellationToken);

    public Task<StorePage<WatchedSession>> ListSessionsAsync(Guid userId, int limit, PageCursor? before, CancellationToken cancellationToken) =>
        store.ListSessionsAsync(userId, limit, before, cancellationToken);

    public Task<StorePage<ResumePosition>> ListResumePositionsAsync(Guid userId, int limit, PageCursor? after, CancellationToken cancellationToken) =>
        store.ListResumePositionsAsync(userId, limit, after, cancellationToken);

    public Task<int> RemoveAsync(Guid userId, int limit, CancellationToken cancellationToken) =>
        store.RemoveAsync(userId, limit, cancellationToken);
}

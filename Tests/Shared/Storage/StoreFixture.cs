using Streaming.Audit;
using Streaming.Content;
using Streaming.Ledger;
using Streaming.Reviews;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Storage;

/// <summary>The stores of one family over an empty database of its own, and ways to fill it past the stores.</summary>
public abstract class StoreFixture : IAsyncDisposable
{
    public abstract IContentStore Content { get; }

    public abstract IUserStore Users { get; }

    public abstract IAccountStore Accounts { get; }

    public abstract ISessionStore Sessions { get; }

    public abstract IAccessStore Access { get; }

    public abstract IKeyRingStore KeyRing { get; }

    public abstract IReviewStore Reviews { get; }

    public abstract IActivityStore Activity { get; }

    public abstract IActivityBatchStore ActivityBatches { get; }

    public abstract IWatchTimeStore WatchTime { get; }

    public abstract ITrendingStore Trending { get; }

    public abstract IViewJournal Journal { get; }

    public abstract ILogStore Logs { get; }

    public abstract IVideoStore Videos { get; }

    public abstract IVideoListStore VideoLists { get; }

    public abstract IVideoRemovalStore VideoRemovals { get; }

    public abstract IVideoInspectionStore VideoInspections { get; }

    public abstract IQuotaStore Quotas { get; }

    /// <summary>The clock by which the stores stamp.</summary>
    public abstract DateTimeOffset Now { get; }

    public abstract Task OpenAsync();

    /// <summary>
    /// Lets time pass. A family whose database has a clock of its own may move what it holds into the past instead, so
    /// tests read <see cref="Now"/> afterwards and never compute it.
    /// </summary>
    public abstract Task AdvanceAsync(TimeSpan time);

    /// <summary>The journal as another start of a silo sees it: the same database, nothing in memory.</summary>
    public abstract IViewJournal ReopenJournal();

    /// <summary>
    /// A crash after an apply: its commit is on disk, and the journal still has the rows. Takes what the journal holds
    /// of the writer now; the answer puts back what is gone of it by then.
    /// </summary>
    public abstract Task<Func<Task>> KeepJournalRowsAsync(string writerId);

    public abstract Task AddTitleAsync(ContentDocument title);

    public abstract Task AddUserAsync(Guid userId, string username);

    /// <summary>Sets a role past the rules of the store.</summary>
    public abstract Task SetRoleAsync(Guid userId, string role);

    /// <summary>The database refuses history that ends at this position, until what is answered is run.</summary>
    public abstract Task<Func<Task>> RefuseHistoryAtAsync(int lastPosition);

    public abstract Task SetLikesAsync(string reviewId, int likes);

    public abstract ValueTask DisposeAsync();
}

namespace Streaming.Videos;

/// <summary>Many videos at a time. Newest first is by (moment, id).</summary>
public interface IVideoListStore
{
    /// <summary>Stored videos, newest first, with the number of all; both of one moment.</summary>
    /// <param name="userId">Whose; null for everybody's.</param>
    Task<CountedVideos> ListFromAsync(Guid? userId, int skip, int limit, CancellationToken cancellationToken);

    /// <summary>Stored videos, newest first, those before <paramref name="before"/>.</summary>
    Task<VideoPage> ListAsync(Guid? userId, PageCursor? before, int limit, CancellationToken cancellationToken);

    /// <summary>A user's videos that can be restored, last deleted first (the cursor's moment is that of the deletion).</summary>
    Task<VideoPage> ListDeletedAsync(Guid userId, DateTimeOffset now, PageCursor? before, int limit, CancellationToken cancellationToken);

    /// <summary>All that is stored of a user, stored and deleted alike, newest first. May not lag.</summary>
    Task<VideoPage> ListOfUserAsync(Guid userId, PageCursor? before, int limit, CancellationToken cancellationToken);

    /// <summary>Deletes up to <paramref name="limit"/> of a user's stored videos; returns which. Callers repeat it until none is returned.</summary>
    /// <param name="dueAt">As in <see cref="IVideoStore.DeleteAsync"/>.</param>
    Task<IReadOnlyList<Guid>> DeleteAsync(Guid userId, DateTimeOffset deletedAt, DateTimeOffset dueAt, int limit, CancellationToken cancellationToken);
}

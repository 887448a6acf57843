namespace Streaming.Videos;

/// <summary>
/// Rows of <c>videos</c>, by id. A row is, in <c>state</c>, <c>uploading</c> (until <c>due_at</c>, then its upload has died), <c>stored</c>, <c>deleted</c>
/// (until <c>due_at</c> it can be restored) or <c>removing</c> (its media are removed at <c>due_at</c>, and when that is done it goes). Every step
/// is one statement that names the state it starts from, so of concurrent ones one wins.
/// </summary>
public interface IVideoStore
{
    /// <summary>Adds a row that is uploading. False when there is no such account. The id must be new.</summary>
    Task<bool> BeginAsync(Guid videoId, Guid userId, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Moves the moment at which the upload has died. False when it is not uploading any more, or its account is gone.</summary>
    Task<bool> RenewAsync(Guid videoId, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>
    /// Makes an upload a stored video. Repeated, it returns what the first call stored. Null when it was not uploading any
    /// more, or its account is gone.
    /// </summary>
    Task<Video?> PublishAsync(NewVideo video, DateTimeOffset uploadedAt, CancellationToken cancellationToken);

    /// <summary>Ends an upload: its row goes, or with media that may be there, is due to be removed at once. Nothing to do when it is not uploading.</summary>
    Task AbandonAsync(Guid videoId, bool mayHaveMedia, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Stored or deleted; null for what is neither, and for what is left of an account that is gone. May not lag.</summary>
    Task<Video?> FindAsync(Guid videoId, CancellationToken cancellationToken);

    /// <summary>Deletes a stored video. False when it is not stored.</summary>
    /// <param name="dueAt">Until when it can be restored. Its row stays at least until the UTC day of its upload is over, whose bandwidth it counts in.</param>
    Task<bool> DeleteAsync(Guid videoId, DateTimeOffset deletedAt, DateTimeOffset dueAt, CancellationToken cancellationToken);

    /// <summary>Makes a deleted video a stored one again. False when it is not deleted, or is due.</summary>
    Task<bool> RestoreAsync(Guid videoId, DateTimeOffset now, CancellationToken cancellationToken);
}

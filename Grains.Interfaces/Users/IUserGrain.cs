using System.Collections.Immutable;
using Streaming.Viewing;

namespace Streaming.Users;

/// <summary>One user, by user id: owner of their watch history and resume positions.</summary>
[Alias("user")]
public interface IUserGrain : IGrainWithGuidKey
{
    /// <summary>Watch history, newest first, from <paramref name="before"/> on; empty for an unknown user.</summary>
    /// <param name="freshness">One's own history is <see cref="Freshness.Latest"/>, other users' may lag.</param>
    [Alias("history")]
    Task<HistoryPage> GetHistoryAsync(int limit, PageCursor? before, Freshness freshness = Freshness.Latest, CancellationToken cancellationToken = default);

    /// <summary>Takes a player's heartbeat; completes when it is on disk, and the view too if it brought one about.</summary>
    [Alias("record-progress")]
    Task<ProgressResult> RecordProgressAsync(ProgressReport report);

    /// <summary>
    /// Removes where to resume a title and that it was watched, and ends who watches it now for the user's newest sessions;
    /// its sessions stay in the history. False for an unknown user.
    /// </summary>
    [Alias("forget-progress")]
    Task<bool> ForgetProgressAsync(Guid contentId);

    /// <summary>Where to resume one title; null when it was never played or the user is unknown.</summary>
    [Alias("progress")]
    Task<ResumePosition?> GetProgressAsync(Guid contentId, CancellationToken cancellationToken = default);

    /// <summary>Titles begun and not finished, newest first, at most <paramref name="limit"/>.</summary>
    [Alias("continue-watching")]
    Task<ImmutableArray<ResumePosition>> GetContinueWatchingAsync(int limit, CancellationToken cancellationToken = default);

    /// <summary>Tells that the user's account is gone: nothing of them is kept, nor written any more.</summary>
    [Alias("forget")]
    Task ForgetAsync();
}

/// <summary>Reads over all users. A stateless worker; its key is always 0.</summary>
[Alias("user-directory")]
public interface IUserDirectoryGrain : IGrainWithIntegerKey
{
    /// <summary>User ids in ascending order, those after <paramref name="after"/>, at most <paramref name="limit"/>.</summary>
    [Alias("list-ids")]
    Task<ImmutableArray<Guid>> ListIdsAsync(Guid? after, int limit, CancellationToken cancellationToken = default);
}

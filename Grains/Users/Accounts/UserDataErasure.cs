using Streaming.Audit;
using Streaming.Content;
using Streaming.Reviews;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Users;

/// <summary>
/// Takes a user out of all stores. The account goes last, so that a call that ended half-way can be repeated; every step
/// may be. Reviews and log entries stay without a name; videos stop to play at once, and the reaper removes their media.
/// </summary>
internal sealed class UserDataErasure(
    IAccountStore accounts,
    IActivityStore activity,
    IReviewStore reviews,
    ILogStore logs,
    IVideoRemovalStore videos,
    RevocationNotifier revocations,
    VideoChangeNotifier videoChanges,
    IGrainFactory grains,
    TimeProvider time)
{
    private const int BatchSize = 200;
    // Two million rows of each kind: what could be left then is left to a repeated call.
    private const int MaxBatches = 10_000;

    /// <summary>The account is unknown when there was nothing to remove.</summary>
    public async Task<AccountChangeStatus> RemoveAsync(Guid userId)
    {
        // The role goes first: whether another administrator stays is decided before anything is gone.
        if (await accounts.SetRoleAsync(userId, AccountRole.User, CancellationToken.None) == AccountChangeStatus.LastAdministrator)
            return AccountChangeStatus.LastAdministrator;

        var found = await AnonymiseReviewsAsync(userId);
        await logs.AnonymiseAsync(userId, CancellationToken.None);
        found |= await RepeatAsync(() => RemoveVideosAsync(userId));
        found |= await RepeatAsync(() => activity.RemoveAsync(userId, BatchSize, CancellationToken.None));
        var removed = await accounts.RemoveAsync(userId, CancellationToken.None);
        if (removed == AccountChangeStatus.LastAdministrator || (removed == AccountChangeStatus.UnknownAccount && !found))
            return removed;

        await revocations.NotifyAsync();
        await grains.GetGrain<IUserGrain>(userId).ForgetAsync();
        await grains.GetGrain<IQuotaGrain>(userId).ForgetAsync();
        // What was under way while the account still stood. Nothing new begins: a review needs an account.
        await AnonymiseReviewsAsync(userId);
        await logs.AnonymiseAsync(userId, CancellationToken.None);
        return AccountChangeStatus.Changed;
    }

    private async Task<bool> AnonymiseReviewsAsync(Guid userId)
    {
        var titles = await ListReviewedAsync(userId);
        var found = await RepeatAsync(() => reviews.AnonymiseAsync(userId, BatchSize, CancellationToken.None));
        // Each shows its reviews from memory, with their authors' names.
        foreach (var title in titles)
            await CallRetry.TellAsync(grains.GetGrain<IContentGrain>(title), static title => title.ReviewsChangedAsync());

        return found;
    }

    private async Task<int> RemoveVideosAsync(Guid userId)
    {
        var removed = await videos.RemoveAllAsync(userId, time.GetUtcNow(), BatchSize, CancellationToken.None);
        await videoChanges.NotifyAsync(removed);
        return removed.Count;
    }

    private async Task<HashSet<Guid>> ListReviewedAsync(Guid userId)
    {
        var titles = new HashSet<Guid>();
        PageCursor? after = null;
        for (var i = 0; i < MaxBatches; i++)
        {
            var page = await reviews.GetByUserAsync(userId, BatchSize, after, CancellationToken.None);
            titles.UnionWith(page.Reviews.Select(review => review.ContentId));
            if ((after = page.Next) is null)
                break;
        }

        return titles;
    }

    private static async Task<bool> RepeatAsync(Func<Task<int>> batch)
    {
        for (var i = 0; i < MaxBatches; i++)
        {
            if (await batch() == 0)
                return i > 0;
        }

        return true;
    }
}

using Streaming.Tests.Storage;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public sealed class VideoReaperTests : IAsyncLifetime
{
    private static readonly TimeSpan Grace = TimeSpan.FromHours(new VideoOptions().GraceHours);
    private static readonly TimeSpan Retry = TimeSpan.FromSeconds(new VideoOptions().RetrySeconds);
    private static readonly TimeSpan SecondLook = TimeSpan.FromSeconds(new VideoOptions().SecondLookSeconds);
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(new QuotaOptions().LeaseSeconds);
    private static readonly DateTimeOffset EndOfTime = DateTimeOffset.MaxValue.AddYears(-1);

    private SiloFixture silo = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        silo = await SiloFixture.StartAsync(settings: [("Videos:SweepSeconds", "1"), ("Quota:ParallelUploads", "10")]);

    public ValueTask DisposeAsync() => silo.DisposeAsync();

    [Fact]
    public async Task The_media_of_a_deleted_video_go_after_its_grace_and_with_them_its_row()
    {
        var user = await silo.AddUserAsync();
        var (deleted, kept) = (await silo.UploadAsync(user), await silo.UploadAsync(user));
        await silo.Video(deleted).DeleteAsync(user);
        await silo.Stores.AdvanceAsync(Grace);

        await UntilRemovedAsync(deleted, 1);
        await UntilNoRowIsLeftAsync();
        Assert.Null(await silo.Video(deleted).GetAsync(Cancel));
        Assert.NotNull(await silo.Video(kept).GetAsync(Cancel));
    }

    [Fact]
    public async Task An_upload_that_died_is_removed_and_once_more_after_a_while()
    {
        var user = await silo.AddUserAsync();
        var dead = await silo.BeginAsync(user);
        await silo.Stores.AdvanceAsync(Lease);
        await UntilRemovedAsync(dead, 1);
        Assert.Null(await silo.SettleAsync(user, dead));

        // The second look is due from when the first was done.
        await Poll.UntilAsync(async () =>
        {
            await silo.Stores.AdvanceAsync(SecondLook);
            return Count(dead) == 2 ? null : $"it was removed {Count(dead)} times";
        });
        await UntilNoRowIsLeftAsync();
    }

    [Fact]
    public async Task An_upload_that_failed_is_removed_at_once_where_something_of_it_may_be_stored()
    {
        var user = await silo.AddUserAsync();
        var (without, with) = (await silo.BeginAsync(user), await silo.BeginAsync(user));
        await silo.Quota(user).ReleaseAsync(without, mayHaveMedia: false);
        await silo.Quota(user).ReleaseAsync(with, mayHaveMedia: true);
        await UntilRemovedAsync(with, 1);
        Assert.Equal(0, Count(without));
    }

    [Fact]
    public async Task A_removal_that_fails_is_repeated_until_it_is_done()
    {
        var user = await silo.AddUserAsync();
        silo.Media.Away = true;
        var id = await silo.UploadAsync(user);
        await silo.Video(id).DeleteAsync(user);
        await silo.Stores.AdvanceAsync(Grace);
        await UntilRemovedAsync(id, 1);
        Assert.Null(await silo.Video(id).GetAsync(Cancel));
        Assert.Equal(RestoreStatus.NotFound, await silo.Quota(user).RestoreAsync(id));

        await silo.Stores.AdvanceAsync(Retry);
        await UntilRemovedAsync(id, 2);
        silo.Media.Away = false;
        await silo.Stores.AdvanceAsync(Retry);
        await UntilNoRowIsLeftAsync();
    }

    [Fact]
    public async Task What_is_due_is_removed_however_much_it_is_and_after_a_crash_too()
    {
        var user = await silo.AddUserAsync();
        for (var i = 0; i < 250; i++)
            await silo.Stores.Videos.BeginAsync(Guid.NewGuid(), user, silo.Stores.Now.AddHours(1), Cancel);

        // Taken by a reaper that then died.
        var later = silo.Stores.Now.AddHours(1);
        Assert.Equal(100, (await silo.Stores.VideoRemovals.TakeDueAsync(later, later + Retry, 100, Cancel)).Count);
        await silo.Stores.AdvanceAsync(TimeSpan.FromHours(1) + Retry);
        await Poll.UntilAsync(() => Task.FromResult(silo.Media.Removed.Distinct().Count() == 250 ? null : "media are left"));
    }

    [Fact]
    public async Task Videos_of_an_account_that_is_gone_are_removed()
    {
        var user = await silo.AddUserAsync();
        var id = await silo.UploadAsync(user);
        await silo.Stores.Accounts.RemoveAsync(user, Cancel);
        await UntilRemovedAsync(id, 1);
        await UntilNoRowIsLeftAsync();
    }

    private int Count(Guid id) => silo.Media.Removed.Count(removed => removed == id);

    private Task UntilRemovedAsync(Guid id, int times) =>
        Poll.UntilAsync(() => Task.FromResult(Count(id) == times ? null : $"it was removed {Count(id)} times, not {times}"));

    /// <summary>Asking makes what is left due, and the reaper takes it.</summary>
    private Task UntilNoRowIsLeftAsync() => Poll.UntilAsync(async () =>
        await silo.Stores.VideoRemovals.TakeDueAsync(EndOfTime, silo.Stores.Now, 100, Cancel) is { Count: > 0 } left ? $"{left.Count} rows are left" : null);
}

using System.Diagnostics.Metrics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Audit;
using Streaming.Reviews;
using Streaming.Tests.Reviews;
using Streaming.Tests.Storage;
using Streaming.Tests.Videos;
using Streaming.Users;
using Streaming.Videos;
using Streaming.Viewing;

namespace Streaming.Tests.Users;

public sealed class PersonalDataTests : IAsyncLifetime
{
    private readonly EmbeddedFixture stores = new();
    private readonly PasswordsDouble passwords = new();
    private ReviewsDouble reviews = null!;
    private SiloFixture silo = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await stores.OpenAsync();
        reviews = new ReviewsDouble(stores.Reviews);
        silo = await SiloFixture.StartAsync(stores, reviews: reviews, passwords: passwords);
    }

    public async ValueTask DisposeAsync()
    {
        await silo.DisposeAsync();
        passwords.Dispose();
    }

    [Fact]
    public async Task Who_deletes_an_account_leaves_nothing_behind_that_names_them()
    {
        var (email, userId, title) = await AddPersonAsync();
        var (otherEmail, other, _) = await AddPersonAsync();
        var grant = await silo.EnterAsync(email);
        Assert.Contains(userId.ToString(), await NewestReviewsAsync(title), StringComparison.Ordinal);

        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());

        Assert.Null(await silo.Account(userId).GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(LoginStatus.Invalid, (await silo.LogInAsync(email)).Status);
        Assert.Equal(RefreshStatus.Invalid, (await silo.Accounts().RefreshAsync(grant.RefreshToken)).Status);
        Assert.True((await silo.ChangeOfAsync(userId))!.IsBlocked);
        Assert.Empty((await silo.Grains.GetGrain<IUserGrain>(userId).GetHistoryAsync(10, null, cancellationToken: TestContext.Current.CancellationToken)).Titles);
        Assert.Empty((await stores.Activity.ListSessionsAsync(userId, 10, null, Cancelled)).Rows);
        Assert.Empty((await stores.Activity.ListResumePositionsAsync(userId, 10, null, Cancelled)).Rows);
        Assert.Empty((await stores.Reviews.GetByUserAsync(userId, 10, null, Cancelled)).Reviews);
        Assert.Empty((await stores.Logs.ListAsync(new LogFilter(userId), null, 10, Cancelled)).Entries);
        Assert.DoesNotContain(userId.ToString(), await NewestReviewsAsync(title), StringComparison.Ordinal);
        Assert.Equal(1, (await stores.Reviews.GetTotalsAsync(title, Cancelled)).Count);
        Assert.Empty((await stores.VideoLists.ListOfUserAsync(userId, null, 10, Cancelled)).Videos);
        Assert.Empty((await stores.Quotas.ListDownloadsAsync(userId, null, 10, Cancelled)).Rows);
        Assert.Null(await silo.Quota(userId).GetUsageAsync(TestContext.Current.CancellationToken));

        Assert.NotNull(await silo.Account(other).GetAsync(TestContext.Current.CancellationToken));
        Assert.Single((await stores.Reviews.GetByUserAsync(other, 10, null, Cancelled)).Reviews);
        Assert.Single((await stores.Activity.ListSessionsAsync(other, 10, null, Cancelled)).Rows);
        Assert.Single((await stores.VideoLists.ListOfUserAsync(other, null, 10, Cancelled)).Videos);
        Assert.Single((await stores.Quotas.ListDownloadsAsync(other, null, 10, Cancelled)).Rows);
        await silo.EnterAsync(otherEmail);

        // The e-mail is free again, for somebody else.
        Assert.Equal(RegisterStatus.Registered, (await silo.TryRegisterAsync(email)).Status);
    }

    [Fact]
    public async Task Videos_of_who_deletes_an_account_stop_to_play_at_once_and_uploads_under_way_come_to_nothing()
    {
        var (_, userId) = await silo.RegisterAsync();
        var video = await silo.UploadAsync(userId);
        var upload = await silo.BeginAsync(userId);
        Assert.NotNull(await silo.Video(video).GetAsync(TestContext.Current.CancellationToken));

        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());

        Assert.Null(await silo.Video(video).GetAsync(TestContext.Current.CancellationToken));
        Assert.False(await silo.Quota(userId).RenewAsync(upload));
        Assert.Null(await silo.SettleAsync(userId, upload));
        await silo.Quota(userId).ReleaseAsync(upload, mayHaveMedia: true);
        Assert.Equal(UploadStatus.UnknownAccount, (await silo.ReserveAsync(userId, 1, 1)).Grant.Status);
        var left = await stores.VideoRemovals.TakeDueAsync(stores.Now, stores.Now.AddHours(1), 10, Cancelled);
        Assert.Equal([video, upload], left.Select(due => due.VideoId).OrderByDescending(id => id == video));
    }

    [Fact]
    public async Task What_waits_in_a_fronts_queue_while_its_person_is_deleted_names_nobody_when_it_is_written()
    {
        var ((_, userId), (_, admin)) = (await silo.RegisterAsync(), await silo.RegisterAsync());
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        using var queue = new AuditLog(silo.Grains, new BackgroundLoops(meters, TimeProvider.System), meters, TimeProvider.System, NullLogger<AuditLog>.Instance);
        queue.Write("LOGIN", "UserAccountService", "User logged in successfully", userId);
        queue.Write("BAN_USER", "UserAccountService", $"Administrator banned user {userId}", admin, userId);

        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());
        Assert.Equal(2, queue.Waiting);
        await queue.StartAsync(Cancelled);
        await Poll.UntilAsync(() => Task.FromResult(queue.Waiting == 0 ? null : "entries wait"));

        var entries = (await stores.Logs.ListAsync(new LogFilter(), null, 10, Cancelled)).Entries;
        Assert.Equal([(null, "User logged in successfully"), (admin, "Administrator banned user [removed]")], entries.Select(e => (e.UserId, e.Description)).OrderByDescending(e => e.Description));
        await queue.StopAsync(Cancelled);
    }

    [Fact]
    public async Task A_removal_that_fails_half_way_is_finished_by_the_next_call()
    {
        var (_, userId, _) = await AddPersonAsync();
        reviews.Away = true;
        await Assert.ThrowsAsync<StoreUnavailableException>(() => silo.Account(userId).DeleteAsync());
        Assert.NotNull(await silo.Account(userId).GetAsync(TestContext.Current.CancellationToken));

        reviews.Away = false;
        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());
        Assert.Null(await silo.Account(userId).GetAsync(TestContext.Current.CancellationToken));
        Assert.Equal(AccountChangeStatus.UnknownAccount, await silo.Account(userId).DeleteAsync());
    }

    [Fact]
    public async Task What_an_earlier_removal_left_is_removed_though_the_account_is_gone()
    {
        var (_, userId, _) = await AddPersonAsync();
        await stores.Accounts.RemoveAsync(userId, Cancelled);
        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());
        Assert.Empty((await stores.Reviews.GetByUserAsync(userId, 10, null, Cancelled)).Reviews);
        Assert.Equal(AccountChangeStatus.UnknownAccount, await silo.Account(silo.Samples.Id()).DeleteAsync());
    }

    [Fact]
    public async Task A_player_that_goes_on_writes_nothing_for_an_account_that_is_gone()
    {
        var (_, userId, title) = await AddPersonAsync();
        Assert.Equal(AccountChangeStatus.Changed, await silo.Account(userId).DeleteAsync());
        var result = await silo.Grains.GetGrain<IUserGrain>(userId).RecordProgressAsync(new ProgressReport(title, 500, 1000, "a session"));
        Assert.Equal(ProgressRejection.UnknownUser, result.Rejection);
        Assert.Empty((await stores.Activity.ListSessionsAsync(userId, 10, null, Cancelled)).Rows);
    }

    [Fact]
    public async Task An_export_has_everything_of_the_person_and_nothing_secret()
    {
        var (email, userId, title) = await AddPersonAsync();
        var grant = await silo.EnterAsync(email);
        var text = new StringBuilder();
        foreach (var part in Enum.GetValues<ExportPart>())
        {
            var page = (await silo.Account(userId).ExportAsync(part, null, TestContext.Current.CancellationToken))!;
            Assert.Null(page.Next);
            using var row = JsonDocument.Parse(Assert.Single(page.Rows));
            Assert.Equal(JsonValueKind.Object, row.RootElement.ValueKind);
            text.Append(row.RootElement.GetRawText());
        }

        Assert.Contains($"\"email\":\"{email}\"", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"role\":\"user\"", $"{text}", StringComparison.Ordinal);
        Assert.Contains($"\"session_id\":\"{grant.SessionId}\"", $"{text}", StringComparison.Ordinal);
        Assert.Contains($"\"content_id\":\"{title}\",\"position_seconds\":400", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"comment\":\"Schön.\"", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"action_type\":\"LOGIN\"", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"title\":\"A video\",\"format\":\"mp4\",\"size_bytes\":1048576", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"storage_bytes\":209715200", $"{text}", StringComparison.Ordinal);
        Assert.Contains("\"day\":\"2026-03-14\",\"bytes\":1000", $"{text}", StringComparison.Ordinal);
        Assert.DoesNotContain("password", $"{text}", StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("hash", $"{text}", StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_long_export_comes_in_pages_and_that_of_an_unknown_account_is_none()
    {
        var (_, userId) = await silo.RegisterAsync();
        var entries = Enumerable.Range(0, 501).Select(_ => Entry(userId)).ToList();
        await stores.Logs.AddAsync(entries, Cancelled);

        var first = (await silo.Account(userId).ExportAsync(ExportPart.Logs, null, TestContext.Current.CancellationToken))!;
        var second = (await silo.Account(userId).ExportAsync(ExportPart.Logs, first.Next, TestContext.Current.CancellationToken))!;
        Assert.Equal((500, 1, null), (first.Rows.Length, second.Rows.Length, second.Next));
        Assert.Null(await silo.Account(silo.Samples.Id()).ExportAsync(ExportPart.Account, null, TestContext.Current.CancellationToken));
    }

    /// <summary>Somebody with a row of each kind.</summary>
    private async Task<(string Email, Guid UserId, Guid Title)> AddPersonAsync()
    {
        var (email, userId) = await silo.RegisterAsync();
        var title = await silo.AddTitleAsync();
        await silo.Grains.GetGrain<IReviewsGrain>(title).WriteAsync(new ReviewDraft(userId, 8, "Schön.", IsSpoiler: false));
        await silo.Grains.GetGrain<IUserGrain>(userId).RecordProgressAsync(new ProgressReport(title, 400, 1000, "a session"));
        await stores.Logs.AddAsync([Entry(userId)], Cancelled);
        await silo.UploadAsync(userId);
        await silo.Quota(userId).SetOverridesAsync(new QuotaOverrides(StorageBytes: 200 * VideosSilo.Megabyte));
        await silo.Quota(userId).CountDownloadAsync(DateOnly.FromDateTime(stores.Now.UtcDateTime), 1_000);
        return (email, userId, title);
    }

    private LogEntry Entry(Guid userId) =>
        new(Guid.CreateVersion7(stores.Now), userId, "LOGIN", "User logged in successfully", "UserAccountService", stores.Now, IsClientReported: false);

    private async Task<string> NewestReviewsAsync(Guid title) =>
        Encoding.UTF8.GetString((await silo.Content(title).GetDetailsAsync())!.Reviews);
}

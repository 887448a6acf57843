using Microsoft.Extensions.Time.Testing;
using Streaming.Videos;

namespace Streaming.Tests.Videos;

public sealed class DailyDownloadsTests
{
    private static readonly DateOnly Day = new(2026, 3, 14);
    private static readonly DateOnly Next = Day.AddDays(1);

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 3, 14, 23, 59, 59, TimeSpan.Zero));
    private readonly Dictionary<DateOnly, TaskCompletionSource<StoredUsage?>> answers = new() { [Day] = new(), [Next] = new() };
    private readonly List<DateOnly> asked = [];
    private readonly DailyDownloads downloads;

    public DailyDownloadsTests() => downloads = new DailyDownloads(
        day =>
        {
            asked.Add(day);
            return answers[day].Task;
        },
        clock);

    [Fact]
    public async Task Reading_that_began_before_midnight_answers_nobody_who_asks_after_it()
    {
        var before = downloads.GetAsync(Day);
        clock.Advance(TimeSpan.FromSeconds(2));
        var after = downloads.GetAsync(Next);
        answers[Next].SetResult(Usage(3));
        Assert.Equal((Next, 3), Of(await after));
        answers[Day].SetResult(Usage(100));

        Assert.Equal((Day, 100), Of(await before));
        // Nor does it take the place of what was read later.
        Assert.Equal((Next, 3), Of(await downloads.GetAsync(Next)));
        Assert.Equal([Day, Next], asked);
    }

    [Fact]
    public async Task All_who_ask_for_a_day_at_once_share_a_reading()
    {
        Task<DownloadsOfDay>[] both = [downloads.GetAsync(Day), downloads.GetAsync(Day)];
        answers[Day].SetResult(Usage(7));

        Assert.All(await Task.WhenAll(both), answer => Assert.Equal((Day, 7), Of(answer)));
        Assert.Equal([Day], asked);
    }

    [Fact]
    public async Task Reading_that_failed_is_not_kept()
    {
        answers[Day].SetException(new StoreUnavailableException("The store is away.", new IOException()));
        await Assert.ThrowsAsync<StoreUnavailableException>(() => downloads.GetAsync(Day));
        answers[Day] = new TaskCompletionSource<StoredUsage?>();
        answers[Day].SetResult(Usage(7));

        Assert.Equal((Day, 7), Of(await downloads.GetAsync(Day)));
    }

    private static (DateOnly, long) Of(DownloadsOfDay downloads) => (downloads.Day, downloads.Bytes);

    private static StoredUsage Usage(long downloaded) => new(new QuotaOverrides(), 0, 0, downloaded, 0, 0, 0, new HashSet<Guid>());
}

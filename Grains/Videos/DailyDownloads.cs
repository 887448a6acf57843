using Streaming.Viewing;

namespace Streaming.Videos;

/// <summary>What was sent to a user on a day, in memory, since every request for media asks for it.</summary>
internal sealed class DailyDownloads(Func<DateOnly, Task<StoredUsage?>> read, TimeProvider time)
{
    // After this it is known what other activations have counted, and which limits were set through them.
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(30);

    private (DateOnly Day, Task<DownloadsOfDay> Answer)? reading;
    private DownloadsOfDay? known;
    private DateTimeOffset readAt;
    private int underWay;
    private long counted;

    public async Task<DownloadsOfDay> GetAsync(DateOnly day)
    {
        if (known is not null && known.Day == day && time.GetUtcNow() - readAt < MaxAge)
            return known;

        // One for all who ask for that day meanwhile.
        if (reading is not { } shared || shared.Day != day || shared.Answer.IsCompleted)
            reading = shared = (day, ReadAsync(day));

        return await shared.Answer;
    }

    /// <summary>Runs a write to the store, and adds what it has written.</summary>
    public async Task<Outcome> CountAsync(DownloadedBytes bytes, Func<DownloadedBytes, Task<Outcome>> write)
    {
        underWay++;
        try
        {
            var outcome = await write(bytes);
            counted++;
            if (outcome == Outcome.Committed && known is not null && known.Day == bytes.Day)
                known = known with { Bytes = known.Bytes + bytes.Bytes };

            return outcome;
        }
        finally
        {
            underWay--;
        }
    }

    public void Forget() => readAt = DateTimeOffset.MinValue;

    private async Task<DownloadsOfDay> ReadAsync(DateOnly day)
    {
        var now = time.GetUtcNow();
        var before = counted;
        var stored = await read(day);
        var answer = new DownloadsOfDay(day, stored?.DownloadedBytes ?? 0, stored?.Overrides);
        // A reading of the day before that took long must not take the place of a later one.
        if (known is not null && known.Day > day)
            return answer;

        known = answer;
        // Whether the store answered before or after a write beside it is unknown: good for this answer, not for later ones.
        readAt = underWay > 0 || counted != before ? DateTimeOffset.MinValue : now;
        return known;
    }
}

/// <param name="Overrides">Null when there is no such account.</param>
internal sealed record DownloadsOfDay(DateOnly Day, long Bytes, QuotaOverrides? Overrides);

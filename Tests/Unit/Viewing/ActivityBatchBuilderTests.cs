using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

public sealed class ActivityBatchBuilderTests
{
    [Fact]
    public void Downloads_of_one_person_and_day_are_one_and_a_batch_that_is_repeated_is_the_same()
    {
        var (samples, day) = (new Samples(), new DateOnly(2026, 3, 14));
        var (user, other) = (samples.Id(), samples.Id());
        var open = new ActivityBatchBuilder();
        DownloadedBytes[] downloads = [new(user, day, 1), new(other, day, 10), new(user, day.AddDays(1), 100), new(user, day, 1_000)];
        foreach (var download in downloads)
            open.Add(download);

        for (var time = 0; time < 2; time++)
            Assert.Equal([new(user, day, 1_001), new(other, day, 10), new(user, day.AddDays(1), 100)], open.ToBatch().Downloads);
    }
}

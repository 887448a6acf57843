using Streaming.Tests.Storage;
using Streaming.Viewing;

namespace Streaming.Tests.Viewing;

/// <summary>What the suites of watch history and of the activity ledger's batches share.</summary>
public abstract class ActivityContract(StoreFixture fixture) : StoreContract(fixture)
{
    protected const string Writer = "silo-1";

    protected IActivityStore Store => Fixture.Activity;

    protected IActivityBatchStore Batches => Fixture.ActivityBatches;

    protected void Write(string writerId, long batch, IReadOnlyList<SessionProgress> sessions, params DownloadedBytes[] downloads) =>
        Batches.Write(writerId, batch, new ActivityBatch(sessions, downloads));

    /// <summary>All sessions of a test are of one period, unless it says otherwise.</summary>
    protected SessionProgress Session(Guid user, Guid title, int watched, int position, bool finished = false)
    {
        var id = Samples.Id();
        return new SessionProgress(
            id, user, title, Fixture.Now, watched, position, QualifiedAt: null, ViewRecorded: false,
            new ViewingPeriod(Started, Fixture.Now, WatchedBeforeSeconds: 0, AllowanceSeconds: 7.25, OwedSeconds: 3),
            new TitleProgress(new ResumePosition(title, finished ? 0 : position, 600, finished, Fixture.Now), id, ViewedAt: null));
    }

    private static readonly DateTimeOffset Started = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
}

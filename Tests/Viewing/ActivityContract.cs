using Streaming.Tests.Storage;
using Streaming.Videos;
using Streaming.Viewing;
using Streaming.Viewing.Ledger;

namespace Streaming.Tests.Viewing;

/// <summary>What the suites of watch history and of the activity ledger's batches share.</summary>
public abstract class ActivityContract(StoreFixture fixture) : StoreContract(fixture)
{
    protected const string Writer = "silo-1";

    protected IActivityStore Store => Fixture.Activity;

    protected IActivityBatchStore Batches => Fixture.ActivityBatches;

    protected void Write(string writerId, long batch, IReadOnlyList<SessionProgress> sessions, params DownloadedBytes[] downloads) =>
        Batches.Write(writerId, batch, new ActivityBatch(sessions, downloads));

    protected SessionProgress Session(Guid user, Guid title, int watched, int position, bool finished = false) => new(
        Samples.Id(), user, title, Fixture.Now, watched, position, QualifiedAt: null, ViewRecorded: false,
        new ResumePosition(title, finished ? 0 : position, 600, finished, Fixture.Now));
}

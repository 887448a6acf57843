using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Streaming.Ledger;

namespace Streaming.Viewing;

/// <summary>Group commit of users' progress and downloads to the analytics store; a batch is applied directly, and once.</summary>
internal sealed class ActivityLedger : ILifecycleParticipant<ISiloLifecycle>
{
    private const int SessionBytes = 448;
    private const int DownloadBytes = 64;
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    private readonly GroupCommit<ActivityBatchBuilder> commits;

    public ActivityLedger(
        IActivityBatchStore store, ILocalSiloDetails silo, IOptions<LedgerOptions> options, TimeProvider time, ILogger<ActivityLedger> logger)
    {
        // A silo address is unique to the second; a start within the same second must not meet its predecessor's watermark.
        var writerId = $"{silo.SiloAddress.ToParsableString()}/{Guid.NewGuid():N}";
        commits = new GroupCommit<ActivityBatchBuilder>(
            "activity ledger", () => new ActivityBatchBuilder(), (number, batch) => store.Write(writerId, number, batch.ToBatch()), static (_, _, _) => { },
            GroupCommitLimits.From(options.Value), time, logger);
    }

    /// <summary>Outlives the grains, as <see cref="ViewLedger"/> does.</summary>
    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe(
        nameof(ActivityLedger),
        ServiceLifecycleStage.RuntimeStorageServices,
        _ =>
        {
            commits.Start();
            return Task.CompletedTask;
        },
        _ => Task.Run(() => commits.Stop(StopTimeout), CancellationToken.None));

    /// <summary>Writes a session's state; completes when it is on disk, or what became of it.</summary>
    public async Task<Outcome> WriteAsync(SessionProgress session)
    {
        var taken = commits.TryAdd(
            session, 1, SessionBytes, static (batch, number, session) => { batch.Add(session); return number; }, out var batch);
        return taken ? await commits.WaitAsync(batch) : Outcome.Refused;
    }

    /// <summary>Adds bytes that were sent to a user; completes when they are on disk, or what became of them.</summary>
    public async Task<Outcome> WriteAsync(DownloadedBytes download)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(download.Bytes);
        var taken = commits.TryAdd(
            download, 1, DownloadBytes, static (batch, number, download) => { batch.Add(download); return number; }, out var batch);
        return taken ? await commits.WaitAsync(batch) : Outcome.Refused;
    }
}

using System.ComponentModel.DataAnnotations;

namespace Streaming.Ledger;

/// <summary>Section <c>Ledger</c>, for silos: bounds of the view ledger and the activity ledger.</summary>
public sealed class LedgerOptions
{
    public const string Section = "Ledger";

    /// <summary>Milliseconds between two apply steps.</summary>
    [Range(10, 60_000)]
    public int ApplyIntervalMilliseconds { get; set; } = 1_000;

    /// <summary>The longest that it may become while apply steps take more than a fiftieth of the time, in milliseconds; where it is set, not less than the above.</summary>
    [Range(10, 60_000)]
    public int MaxApplyIntervalMilliseconds { get; set; } = 12_000;

    /// <summary>Seconds between two looks for journals of dead silos, where no change of the membership asks for one earlier.</summary>
    [Range(1, 600)]
    public int SweepIntervalSeconds { get; set; } = 10;

    /// <summary>Megabytes that may wait for their commit in memory; beyond, requests are answered 503.</summary>
    [Range(1, 1_024)]
    public int MaxWaitingMegabytes { get; set; } = 16;

    /// <summary>Seconds that a commit may take before further requests are answered 503.</summary>
    [Range(1, 60)]
    public int MaxWaitingSeconds { get; set; } = 2;

    /// <summary>The longest pause before a commit, in milliseconds, to let a larger batch form; 0 for none.</summary>
    [Range(0, 20)]
    public int MaxGapMilliseconds { get; set; } = 1;

    /// <summary>Journal entries that may wait to be applied; beyond, requests are answered 503.</summary>
    [Range(1_000, 100_000_000)]
    public long MaxUnappliedEntries { get; set; } = 4_000_000;

    /// <summary>Receipts that a silo keeps in memory to answer repeated keys at once; older ones are met in the store.</summary>
    [Range(0, 10_000_000)]
    public int MaxReceiptsInMemory { get; set; } = 100_000;

    /// <summary>Seconds that a caller waits for its batch before it is told that the outcome is unknown.</summary>
    [Range(1, 25)]
    public int MaxCommitWaitSeconds { get; set; } = 5;
}

using System.ComponentModel.DataAnnotations;

namespace Streaming.Videos;

/// <summary>Section <c>Quota</c>, for silos: what everybody may have, unless an administrator has set something else for a user.</summary>
public sealed class QuotaOptions
{
    public const string Section = "Quota";

    /// <summary>Megabytes (of 1,048,576 bytes) of all of a user's videos together. Exactly so much is fine.</summary>
    [Range(1, 1_000_000)]
    public int StorageMegabytes { get; set; } = 50;

    /// <summary>Megabytes that a user may upload in a UTC day; what was deleted meanwhile counts.</summary>
    [Range(1, 1_000_000)]
    public int DailyUploadMegabytes { get; set; } = 100;

    /// <summary>Megabytes that a user may play in a UTC day; without a limit unless set.</summary>
    [Range(1, 100_000_000)]
    public int? DailyDownloadMegabytes { get; set; }

    /// <summary>Videos of one user that are not deleted.</summary>
    [Range(1, 10_000_000)]
    public int Videos { get; set; } = 200;

    /// <summary>Uploads of one user at the same time.</summary>
    [Range(1, 100)]
    public int ParallelUploads { get; set; } = 1;

    /// <summary>Seconds that a reservation outlives its upload's last sign of life. Fronts give one every third of it.</summary>
    [Range(3, 300)]
    public int LeaseSeconds { get; set; } = 60;
}

using System.ComponentModel.DataAnnotations;
using Streaming.Videos;

namespace Streaming.WebFront.Videos;

/// <summary>Section <c>Uploads</c>, for fronts: how videos come. What a user may have is the silos' section <c>Quota</c>.</summary>
public sealed class UploadOptions
{
    public const string Section = "Uploads";

    /// <summary>Bytes that the form around a file may have: boundaries, headers, the title, and fields that are not used.</summary>
    public const int MaxFormBytes = 64 * 1024;

    /// <summary>Megabytes (of 1,048,576 bytes) of any file, whatever the user's quota.</summary>
    [Range(1, 2_000)]
    public int MaxMegabytes { get; set; } = 1_024;

    /// <summary>Uploads under way in one front, of everybody. Each takes about a megabyte of memory.</summary>
    [Range(1, 10_000)]
    public int AtOnce { get; set; } = 200;

    /// <summary>Bytes a second of an upload; a client that sends less, after <see cref="GraceSeconds"/>, is not waited for.</summary>
    [Range(1, 100_000_000)]
    public int MinBytesPerSecond { get; set; } = 16 * 1024;

    /// <summary>Seconds of a pause in what a client sends.</summary>
    [Range(2, 300)]
    public int GraceSeconds { get; set; } = 10;

    /// <summary>Minutes of a whole upload.</summary>
    [Range(0.01, 24 * 60)]
    public double MaxMinutes { get; set; } = 60;

    public long MaxFileBytes => MaxMegabytes * QuotaLimits.BytesPerMegabyte;
}

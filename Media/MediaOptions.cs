using System.ComponentModel.DataAnnotations;

namespace Streaming.Media;

public enum MediaStoreKind
{
    /// <summary>A folder, which all fronts and silos reach.</summary>
    Disk,

    /// <summary>Cloudinary, see <see cref="CloudinaryOptions"/>.</summary>
    Cloudinary,
}

/// <summary>Section <c>Media</c>, for fronts and silos alike: where the files of videos are.</summary>
public sealed class MediaOptions
{
    public const string Section = "Media";

    /// <summary>Which store the videos are in; the same for all programs of a cluster.</summary>
    public MediaStoreKind Store { get; set; } = MediaStoreKind.Disk;

    /// <summary>
    /// Folder of the files, and of uploads while they come, whatever the store. By default <c>media</c> under
    /// <c>Storage:Path</c>.
    /// </summary>
    public string? Path { get; set; }

    /// <summary>Megabytes that uploads leave free on the disk of that folder.</summary>
    [Range(0, 100_000_000)]
    public int MinFreeMegabytes { get; set; } = 512;

    /// <summary>Seconds that a front may take to find out about one video what ffmpeg tells of it.</summary>
    [Range(1, 600)]
    public int InspectionSeconds { get; set; } = 10;

    /// <summary>Folders in which to look for ffmpeg, as in <c>PATH</c>, which it is by default; empty for nowhere.</summary>
    public string? ToolsPath { get; set; }
}

using System.ComponentModel.DataAnnotations;

namespace Streaming.Storage;

/// <summary>Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    /// <summary>Folder of the embedded family's files.</summary>
    [Required]
    public string Path { get; set; } = "./data";
}

/// <summary>Section <c>Seed</c>: the demo data of an empty embedded store, made in Development only.</summary>
public sealed class SeedOptions
{
    public const string Section = "Seed";

    public bool Enabled { get; set; } = true;

    /// <summary>Number of titles; people, reviews and history grow with it.</summary>
    [Range(1, 100_000)]
    public int Titles { get; set; } = 50;
}

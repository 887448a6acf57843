using System.ComponentModel.DataAnnotations;

namespace Streaming.Content;

/// <summary>Section <c>Content</c>, for silos.</summary>
public sealed class ContentOptions
{
    public const string Section = "Content";

    /// <summary>Megabytes of titles' details that a silo keeps rendered; those that were not asked for lately go first.</summary>
    [Range(1, 16_384)]
    public int MaxDetailsMegabytes { get; set; } = 64;
}

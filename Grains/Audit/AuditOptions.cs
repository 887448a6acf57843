using System.ComponentModel.DataAnnotations;

namespace Streaming.Audit;

/// <summary>Section <c>Audit</c>, for silos.</summary>
public sealed class AuditOptions
{
    public const string Section = "Audit";

    /// <summary>For how many days entries of the audit log are kept; then they are removed, within the hour.</summary>
    [Range(1, 36_500)]
    public int RetentionDays { get; set; } = 90;
}

namespace Streaming.WebFront.Limits;

/// <summary>Section <c>Cors</c>, for fronts: pages of which origins may read answers.</summary>
internal sealed class CrossOriginOptions
{
    public const string Section = "Cors";

    /// <summary>Origins whose pages may use the routes beyond the metadata API; <c>*</c> is any. In Development, where there is none, those of this machine.</summary>
    public IReadOnlyList<string> Origins { get; set; } = [];
}

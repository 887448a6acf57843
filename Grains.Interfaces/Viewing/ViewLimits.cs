namespace Streaming.Viewing;

/// <summary>Limits of the view routes and of the grains behind them.</summary>
public static class ViewLimits
{
    /// <summary>Views that one entry may carry.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>Entries that one batch request may carry.</summary>
    public const int MaxBatchEntries = 10_000;

    public const int MinKeyLength = 16;
    public const int MaxKeyLength = 128;
}

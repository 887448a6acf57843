using System.Collections.Immutable;

namespace Streaming.Viewing;

/// <summary>Limits of the view routes and of the grains behind them.</summary>
public static class ViewLimits
{
    /// <summary>Views that one entry may carry.</summary>
    public const int MaxCount = 1_000_000;

    /// <summary>Entries that one batch request may carry.</summary>
    public const int MaxBatchEntries = 10_000;

    /// <summary>Keyed views that one call to a title may carry.</summary>
    public const int MaxKeyedPerCall = 1_000;

    public const int MinKeyLength = 16;
    public const int MaxKeyLength = 128;
}

/// <summary>A view with an idempotency key.</summary>
/// <param name="Receipt">See <see cref="Receipts"/>.</param>
[GenerateSerializer, Immutable, Alias("keyed-view")]
public readonly record struct KeyedView([property: Id(0)] Guid Receipt, [property: Id(1)] int Count);

/// <summary>Views of one title in one call: those without a key as one sum, those with a key one by one.</summary>
[GenerateSerializer, Immutable, Alias("title-views")]
public sealed record TitleViews([property: Id(0)] long Unkeyed, [property: Id(1)] ImmutableArray<KeyedView> Keyed)
{
    /// <summary>One view without a key, which most calls are.</summary>
    public static TitleViews One { get; } = new(1, []);
}

public enum TicketStatus
{
    /// <summary>The views wait for their batch.</summary>
    Queued,

    /// <summary>The catalogue does not hold the title; nothing was recorded.</summary>
    UnknownTitle,

    /// <summary>The ledger is full or its journal is away; nothing was recorded.</summary>
    Busy,
}

/// <summary>Where views that a silo's ledger took will be committed.</summary>
/// <param name="Ledger">Key of the <see cref="ILedgerGrain"/> that holds the batch.</param>
/// <param name="Batch">The batch of the views without a key.</param>
/// <param name="KeyedBatches">The batch of each keyed view, in their order; 0 where the key was used with another count.</param>
/// <param name="Views">The title's live total with these views in it.</param>
[GenerateSerializer, Immutable, Alias("view-ticket")]
public sealed record ViewTicket(
    [property: Id(0)] TicketStatus Status,
    [property: Id(1)] string Ledger,
    [property: Id(2)] long Batch,
    [property: Id(3)] ImmutableArray<long> KeyedBatches,
    [property: Id(4)] long Views)
{
    public static ViewTicket UnknownTitle { get; } = new(TicketStatus.UnknownTitle, "", 0, [], 0);

    public static ViewTicket Busy { get; } = new(TicketStatus.Busy, "", 0, [], 0);
}

using System.Collections.Immutable;

namespace Streaming.Ledger;

/// <summary>What a ledger must know of the cluster whose one member hosts it, and the one word that it has for the others.</summary>
public interface ILedgerCluster
{
    /// <summary>This process's writer: unique to its start, and known to the other members by this name.</summary>
    string WriterId { get; }

    /// <summary>Whether no other member is known.</summary>
    bool IsAlone { get; }

    /// <summary>Changes when the membership that this process knows does.</summary>
    long MembershipVersion { get; }

    /// <summary>
    /// Whether the process of a writer is dead by the membership that this process knows, or no member and never to be one again. A process is a
    /// member before it opens its writer, so after <see cref="RefreshAsync"/> no living writer that was listed before it is taken for dead.
    /// </summary>
    bool IsDead(string writerId);

    /// <summary>Reads the membership anew.</summary>
    Task RefreshAsync(CancellationToken cancellationToken);

    /// <summary>Tells the other members that this one has moved totals of these titles, or, of none, perhaps of any. Bounded in time; throws when it does not reach all.</summary>
    Task TotalsMovedAsync(ImmutableArray<Guid> contentIds);
}

using System.Collections.Immutable;
using Streaming.Ledger;

namespace Streaming.Tests.Ledger;

/// <summary>A double: a cluster without other members.</summary>
internal sealed class LoneLedger : ILedgerCluster
{
    public string WriterId => "silo-1";

    public bool IsAlone => true;

    public long MembershipVersion => 1;

    public bool IsDead(string writerId) => writerId != WriterId;

    public Task RefreshAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task TotalsMovedAsync(ImmutableArray<Guid> contentIds) => throw new NotSupportedException();
}

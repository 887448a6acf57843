using System.Collections.Immutable;
using Streaming.Ledger;

namespace Streaming.Viewing;

/// <summary>The cluster as the ledger of this silo sees it: writers are named by the addresses of their silos.</summary>
internal sealed class SiloLedgerCluster(IGrainFactory grains, IClusterMembershipService membership, ILocalSiloDetails self) : ILedgerCluster
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(2);

    public string WriterId { get; } = self.SiloAddress.ToParsableString();

    public bool IsAlone => membership.CurrentSnapshot.Members.Count <= 1;

    public long MembershipVersion => membership.CurrentSnapshot.Version.Value;

    public bool IsDead(string writerId)
    {
        try
        {
            return membership.CurrentSnapshot.GetSiloStatus(SiloAddress.FromParsableString(writerId)) is SiloStatus.Dead or SiloStatus.None;
        }
        catch (FormatException)
        {
            // No address that a silo of ours could have.
            return true;
        }
    }

    public async Task RefreshAsync(CancellationToken cancellationToken) => await membership.Refresh(cancellationToken: cancellationToken);

    public Task TotalsMovedAsync(ImmutableArray<Guid> contentIds) => Task.WhenAll(membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self.SiloAddress))
        .Select(member => grains.GetGrain<ILedgerGrain>(member.SiloAddress.ToParsableString()).TotalsMovedAsync(contentIds)))
        .WaitAsync(MaxWait);
}

/// <summary>Starts and stops the view ledger with its silo.</summary>
internal sealed class ViewLedgerLifetime(
    ViewLedger ledger, IClusterMembershipService membership, ILocalSiloDetails self, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    private static readonly TimeSpan ShuttingDownPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);

    // Above the stage at which the silo joins the membership and leaves it, so that no other takes a writer whose silo it
    // does not see for dead; below the grains, so that what they record while they deactivate is still applied.
    private const int Stage = ServiceLifecycleStage.AfterRuntimeGrainServices + 500;

    public void Participate(ISiloLifecycle lifecycle)
    {
        lifecycle.Subscribe(nameof(ViewLedger), Stage, ledger.StartAsync, ledger.StopAsync);
        // Beside the step that says that this silo shuts down, and before the one in which its grains end.
        lifecycle.Subscribe(nameof(ViewLedgerLifetime), ServiceLifecycleStage.BecomeActive, _ => Task.CompletedTask, LeaveAsync);
    }

    /// <summary>Once the silo gets no new activations, its titles can only move to others.</summary>
    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        for (var since = time.GetTimestamp(); IsActive() && time.GetElapsedTime(since) < ShuttingDownPatience;)
            await Task.Delay(Poll, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        await ledger.LeaveAsync(cancellationToken);
    }

    private bool IsActive() => membership.CurrentSnapshot.GetSiloStatus(self.SiloAddress) == SiloStatus.Active;
}

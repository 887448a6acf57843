namespace Streaming.Silo;

/// <summary>
/// A pause in the stop of a silo that is not the last one, after its grains have ended and before the membership says that it is dead. Calls that came for
/// them meanwhile were passed on to their next activations; whoever asked this silo would give them up when it is dead, though they run.
/// </summary>
internal sealed class ForwardedCallGrace(IClusterMembershipService membership, ILocalSiloDetails self, TimeProvider time) : ILifecycleParticipant<ISiloLifecycle>
{
    // For an activation to read its state, and some of its calls.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(ForwardedCallGrace), ServiceLifecycleStage.AfterRuntimeGrainServices, _ => Task.CompletedTask, PauseAsync);

    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        if (membership.CurrentSnapshot.Members.Values.Any(member => member.Status == SiloStatus.Active && !member.SiloAddress.Equals(self.SiloAddress)))
            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

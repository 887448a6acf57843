namespace Streaming.Silo;

/// <summary>
/// The first step of a stop: not ready at once, and listening on for a while, so that load balancers turn away before the
/// listeners close. What follows, in order: requests under way end, grains deactivate, the ledgers write and apply their last
/// batches, the silo leaves the membership.
/// </summary>
internal sealed class Drain(TimeSpan delay, IHostApplicationLifetime lifetime) : IHostedLifecycleService
{
    /// <summary>For a whole stop. Past it the rest goes undone: acknowledged views stay in the journal for another silo.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    private volatile bool hasBegun;

    public bool HasBegun => hasBegun || lifetime.ApplicationStopping.IsCancellationRequested;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        hasBegun = true;
        await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

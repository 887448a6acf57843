namespace Streaming.Silo;

/// <summary>
/// The first step of a stop: not ready at once, and listening on for a while, so that load balancers turn away before the
/// listeners close. What follows, in order: requests under way end, grains deactivate, the ledgers write and apply their last
/// batches, the silo leaves the membership.
/// </summary>
public sealed class Drain(TimeSpan delay, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IDisposable
{
    /// <summary>For a whole stop. Past it the rest goes undone: acknowledged views stay in the journal for another silo.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(30);

    /// <summary>For the requests under way, once the listeners are closed: no call to a grain takes longer.</summary>
    private static readonly TimeSpan RequestPatience = TimeSpan.FromSeconds(11);

    private readonly CancellationTokenSource abandoned = new();
    private volatile bool hasBegun;
    private volatile bool hasStarted;

    public bool HasBegun => hasBegun || lifetime.ApplicationStopping.IsCancellationRequested;

    /// <summary>Ends the connections that are still open: one that never ends must not take the silo's part of the budget.</summary>
    public CancellationToken Abandoned => abandoned.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        hasBegun = true;
        if (hasStarted)
            await Task.Delay(delay, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        abandoned.CancelAfter(RequestPatience);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Before this nobody has listened, and a stop has nobody to turn away.</summary>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        hasStarted = true;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => abandoned.Dispose();
}

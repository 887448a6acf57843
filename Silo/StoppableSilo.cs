namespace Streaming.Silo;

/// <summary>
/// Starts and stops Orleans' silo. Orleans refuses to stop one that has not become active, and leaves running what its start had begun;
/// its row in the membership stays as well, and others wait for its answers.
/// </summary>
internal sealed class StoppableSilo(IHostedService silo, ISiloLifecycleSubject lifecycle) : IHostedService
{
    private static readonly TimeSpan StopBudget = TimeSpan.FromSeconds(10);

    private bool isStarted;

    /// <summary>Takes the place of Orleans' own hosted service.</summary>
    public static void Use(IServiceCollection services)
    {
        for (var i = 0; i < services.Count; i++)
        {
            if (services[i] is { IsKeyedService: false, ImplementationType: { Name: "SiloHostedService" } type } && services[i].ServiceType == typeof(IHostedService))
            {
                services[i] = ServiceDescriptor.Singleton<IHostedService>(provider => new StoppableSilo(
                    (IHostedService)ActivatorUtilities.CreateInstance(provider, type), provider.GetRequiredService<ISiloLifecycleSubject>()));
                return;
            }
        }

        throw new InvalidOperationException("This version of Orleans starts its silo in another way.");
    }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await silo.StartAsync(cancellationToken);
            isStarted = true;
        }
        catch
        {
            using var budget = new CancellationTokenSource(StopBudget);
            // A stage that fails to stop does not keep the others from it; they are tried from the highest that was begun.
            await Task.Run(() => lifecycle.OnStop(budget.Token), CancellationToken.None).WaitAsync(budget.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => isStarted ? silo.StopAsync(cancellationToken) : Task.CompletedTask;
}

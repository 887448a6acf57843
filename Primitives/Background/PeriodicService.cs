using Microsoft.Extensions.Hosting;

namespace Streaming;

/// <summary>A hosted service whose work is one <see cref="PeriodicLoop"/>, for the life of the program.</summary>
public abstract class PeriodicService : BackgroundService
{
    private PeriodicLoop? loop;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => (loop = CreateLoop())?.RunAsync(stoppingToken) ?? Task.CompletedTask;

    /// <summary>Null where the configuration needs none.</summary>
    protected abstract PeriodicLoop? CreateLoop();

    /// <inheritdoc cref="PeriodicLoop.Wake"/>
    public void Wake() => loop?.Wake();
}

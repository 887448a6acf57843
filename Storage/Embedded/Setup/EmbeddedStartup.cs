using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Streaming.Storage.Embedded;

/// <summary>Opens the files before the silo starts, and fills an empty store with demo data in Development.</summary>
internal sealed class EmbeddedStartup(
    EmbeddedDatabase database, IHostEnvironment environment, IOptions<SeedOptions> seed, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(
        async () =>
        {
            await database.OpenAsync(cancellationToken);
            if (environment.IsDevelopment() && (seed.Value.Enabled ?? true))
                new SqliteDemoData(database, seed.Value.Titles, time).FillIfEmpty(Console.Out, cancellationToken);
        },
        cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Streaming.Silo;
using Streaming.Silo.Health;

namespace Streaming.Benchmarks.Hosts;

/// <summary>The silo program as it is composed, with the grain that does nothing and two routes for the harness.</summary>
internal static class SiloHost
{
    /// <param name="isApplyApart">Whether the apply steps get database sessions of their own, so that their cost can be told.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static Task<int> RunAsync(bool isApplyApart, CancellationToken cancellationToken) => StreamingProgram.RunAsync(async () =>
    {
        var builder = StreamingProgram.CreateBuilder([]);
        builder.AddStreamingSilo(ofItsOwn: true);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        if (isApplyApart)
            builder.Services.SetApplyApart();

        await using var app = builder.Build();
        using var meter = new ApplyMeter();
        app.MapHealth();
        app.MapGet("/bench/silo", (ILocalSiloDetails silo) =>
        {
            var (seconds, steps) = meter.Sum;
            return TypedResults.Json(new SiloFacts(silo.SiloAddress.ToParsableString(), seconds, steps), JsonSerializerOptions.Web);
        });
        app.MapPost("/bench/collect", Collect);
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    });

    /// <summary>A full collection, twice, since finalizers keep what they end.</summary>
    private static long Collect()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: false);
    }
}

/// <param name="Address">Parsable; the key of its ledger.</param>
/// <param name="ApplySeconds">Wall time of all apply steps so far.</param>
internal sealed record SiloFacts(string Address, double ApplySeconds, long ApplySteps);

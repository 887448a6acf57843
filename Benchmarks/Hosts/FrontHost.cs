using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Streaming.Benchmarks.Servers;
using Streaming.Content;
using Streaming.Silo;
using Streaming.Silo.Health;
using Streaming.WebFront;
using Streaming.WebFront.Auth;

namespace Streaming.Benchmarks.Hosts;

/// <summary>The front program as it is composed, with the route to the grain that does nothing and those of the harness.</summary>
internal static class FrontHost
{
    private const int Parallelism = 64;
    private static readonly Utf8Result Passed = new("text/html; charset=utf-8", "View count incremented"u8.ToArray());

    public static Task<int> RunAsync(CancellationToken cancellationToken) => StreamingProgram.RunAsync(async () =>
    {
        var builder = StreamingProgram.CreateBuilder([]);
        var listeners = builder.UseConfiguredUrls("http://127.0.0.1:0");
        builder.AddStreamingFront(listeners);
        builder.Services.AddSingleton<ViewPacer>();

        await using var app = builder.Build();
        app.UseStreamingFront();
        app.MapStreamingApi();
        var open = app.MapGroup("").IsPublic();
        open.MapHealth();
        open.MapNoop();
        open.MapPost("/bench/views", PaceAsync);
        open.MapDelete("/bench/views", (ViewPacer pacer) => pacer.Stop());
        open.MapGet("/bench/places", FindPlacesAsync);
        open.MapGet("/bench/activations", CountActivationsAsync);
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
    });

    /// <summary>All that the route of an increment does but for the view.</summary>
    private static void MapNoop(this IEndpointRouteBuilder routes)
    {
        var grains = routes.ServiceProvider.GetRequiredService<GrainReferences<INoopGrain>>();
        routes.MapPost("/noop/{id}", (string id) => PassAsync(grains, id));
    }

    private static async Task<Results<Utf8Result, Problem>> PassAsync(GrainReferences<INoopGrain> grains, string id)
    {
        if (RequestValues.Id("id", id, out var key) is { } problem)
            return problem;

        await grains.Get(key).PassAsync();
        return Passed;
    }

    private static async Task<JsonHttpResult<PacedViews>> PaceAsync(
        ViewPacer pacer, int rate, int seconds, int titles, CancellationToken cancellationToken) =>
        TypedResults.Json(await pacer.RunAsync(rate, seconds, BenchTitles.Ids(titles), cancellationToken), JsonSerializerOptions.Web);

    /// <summary>The silo address of each title's activation; empty for one that is not active.</summary>
    private static async Task<string[]> FindPlacesAsync(IGrainFactory grains, int titles, CancellationToken cancellationToken)
    {
        var ids = BenchTitles.Ids(titles);
        var management = grains.GetGrain<IManagementGrain>(0);
        var places = new string[ids.Length];
        await Parallel.ForAsync(0, ids.Length, new ParallelOptions { MaxDegreeOfParallelism = Parallelism, CancellationToken = cancellationToken }, async (i, token) =>
            places[i] = (await management.GetActivationAddress(grains.GetGrain<IContentGrain>(ids[i]), token))?.ToParsableString() ?? "");
        return places;
    }

    /// <summary>Activations in the cluster by grain type.</summary>
    private static async Task<Dictionary<string, int>> CountActivationsAsync(IGrainFactory grains) =>
        (await grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .GroupBy(statistic => statistic.GrainType)
            .ToDictionary(type => type.Key, type => type.Sum(statistic => statistic.ActivationCount));
}

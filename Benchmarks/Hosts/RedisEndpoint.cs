using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Streaming.Benchmarks.Hosts;

/// <summary>
/// What a team would write instead: a minimal API that awaits one INCR a view, on the front's own Kestrel settings. It answers
/// when Redis has the view in memory, not when it is on disk.
/// </summary>
internal static class RedisEndpoint
{
    /// <summary>Environment variable with the connection string, which a command line would show to everybody.</summary>
    public const string Connection = "BENCH_REDIS";

    public static async Task<int> RunAsync(int port, CancellationToken cancellationToken)
    {
        await using var redis = await ConnectionMultiplexer.ConnectAsync(Environment.GetEnvironmentVariable(Connection)!);
        var counters = redis.GetDatabase();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using var app = builder.Build();
        app.MapGet("/health/live", () => "live");
        app.MapPost("/api/v1/content/{id}/views/increment", async (string id) =>
        {
            await counters.StringIncrementAsync($"bench:views:{id}");
            return "View count incremented";
        });
        await app.StartAsync(cancellationToken);
        await app.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}

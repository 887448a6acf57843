using System.Text.Json;
using Streaming.Health;
using Streaming.Storage;

namespace Streaming.Silo.Health;

public static class HealthApi
{
    private const string JsonType = "application/json; charset=utf-8";

    /// <summary>The program's own loops.</summary>
    private const string Background = "background";

    /// <summary>Of the program itself, while it stops.</summary>
    private const string Process = "process";

    /// <summary>
    /// <c>/health/live</c> answers 200 while the process can answer at all; <c>/health/ready</c> 200 when it is ready or degraded,
    /// and otherwise 503, with what is down. No account is needed; neither is in the API's document.
    /// </summary>
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        var health = routes.MapGroup("/health").ExcludeFromDescription().AnswersHead();
        health.MapGet("/live", () => TypedResults.Text("""{"status":"live"}""", JsonType));
        health.MapGet("/ready", AnswerReadyAsync);
    }

    internal static void AddSiloHealth(this IServiceCollection services)
    {
        services.AddHealthChecks()
            .AddStreamingStorage()
            .AddCheck<MembershipCheck>("membership", tags: [HealthTags.Critical]);
        // It logs each failure of each check at each probe; SiloHealth logs changes.
        services.AddLogging(logging => logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None));
        services.AddSingleton<IHealthSource, SiloHealth>();
        services.AddSingleton<HealthMetrics>();
    }

    private static async Task AnswerReadyAsync(HttpContext context)
    {
        var drain = context.RequestServices.GetRequiredService<Drain>();
        var health = await context.RequestServices.GetRequiredService<IHealthSource>().GetAsync();
        var loops = context.RequestServices.GetRequiredService<BackgroundLoops>().List();
        if (loops.Any(loop => loop.IsLate))
            health = new ServiceHealth(health.Dependencies.Add(new DependencyHealth(Background, DependencyStatus.Down, Critical: false)));

        if (drain.HasBegun)
            health = new ServiceHealth(health.Dependencies.Add(new DependencyHealth(Process, DependencyStatus.Stopping, Critical: true)));

        context.Response.StatusCode = health.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = JsonType;
        context.Response.Headers.CacheControl = "no-store";
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status", health.IsDegraded ? "degraded" : health.IsReady ? "ready" : "not_ready");
        json.WriteStartObject("dependencies");
        foreach (var dependency in health.Dependencies)
        {
            json.WriteStartObject(dependency.Name);
            json.WriteString("status", dependency.Status switch
            {
                DependencyStatus.Up => "up",
                DependencyStatus.Down => "down",
                _ => "stopping",
            });
            json.WriteBoolean("critical", dependency.Critical);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        Write(json, loops);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyList<LoopState> loops)
    {
        json.WriteStartObject(Background);
        foreach (var loop in loops)
        {
            json.WriteStartObject(loop.Name);
            json.WriteString("status", loop.IsLate ? "late" : "up");
            json.WritePropertyName("last_success");
            JsonSerializer.Serialize(json, loop.LastSuccess);
            json.WriteNumber("failures", loop.Failures);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Streaming.Audit;
using Streaming.Viewing;

namespace Streaming;

/// <summary>What callers of the grains need, in the front and in grains that call others.</summary>
public static class CallServices
{
    public static IServiceCollection AddStreamingCalls(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddBackgroundLoops();
        services.TryAddSingleton(typeof(GrainReferences<>));
        services.TryAddSingleton<ViewLedgerClient>();
        services.TryAddSingleton<AuditLog>();
        services.TryAddSingleton<IAuditLog>(provider => provider.GetRequiredService<AuditLog>());
        services.AddHostedService(provider => provider.GetRequiredService<AuditLog>());
        return services;
    }
}

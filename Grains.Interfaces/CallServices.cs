using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Streaming.Viewing;

namespace Streaming;

/// <summary>What callers of the grains need, in the front and in grains that call others.</summary>
public static class CallServices
{
    public static IServiceCollection AddStreamingCalls(this IServiceCollection services)
    {
        services.TryAddSingleton(typeof(GrainReferences<>));
        services.TryAddSingleton<ViewRecorder>();
        return services;
    }
}

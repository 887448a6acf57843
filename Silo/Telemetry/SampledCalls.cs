using System.Diagnostics;

namespace Streaming.Silo.Telemetry;

/// <summary>
/// Carries the trace of a caller over grain calls, where it is recorded. Orleans' filter alone carries nothing of a trace that is not: the
/// called grain would begin traces of its own, and each call of each request would pay for asking whether it shall.
/// </summary>
public static class SampledCalls
{
    private const string TraceParent = "traceparent";

    public static void AddTracePropagation(this ISiloBuilder silo, IConfiguration configuration)
    {
        if (!TelemetrySettings.Read(configuration).ExportsTraces)
            return;

        var before = silo.Services.Count;
        silo.AddActivityPropagation();
        Wrap(silo.Services, before);
    }

    public static void AddTracePropagation(this IClientBuilder client, IConfiguration configuration)
    {
        if (!TelemetrySettings.Read(configuration).ExportsTraces)
            return;

        var before = client.Services.Count;
        client.AddActivityPropagation();
        Wrap(client.Services, before);
    }

    private static void Wrap(IServiceCollection services, int before)
    {
        for (var i = before; i < services.Count; i++)
        {
            if (services[i] is not { IsKeyedService: false, ImplementationType: { } type } filter)
                continue;

            if (filter.ServiceType == typeof(IOutgoingGrainCallFilter))
                services[i] = ServiceDescriptor.Singleton<IOutgoingGrainCallFilter>(provider => new Outgoing((IOutgoingGrainCallFilter)ActivatorUtilities.CreateInstance(provider, type)));
            else if (filter.ServiceType == typeof(IIncomingGrainCallFilter))
                services[i] = ServiceDescriptor.Singleton<IIncomingGrainCallFilter>(provider => new Incoming((IIncomingGrainCallFilter)ActivatorUtilities.CreateInstance(provider, type)));
        }
    }

    private sealed class Outgoing(IOutgoingGrainCallFilter inner) : IOutgoingGrainCallFilter
    {
        public Task Invoke(IOutgoingGrainCallContext context) => Activity.Current is { Recorded: true } ? inner.Invoke(context) : context.Invoke();
    }

    private sealed class Incoming(IIncomingGrainCallFilter inner) : IIncomingGrainCallFilter
    {
        public Task Invoke(IIncomingGrainCallContext context) => RequestContext.Get(TraceParent) is null ? context.Invoke() : inner.Invoke(context);
    }
}

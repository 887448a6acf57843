using Orleans.Dashboard;

namespace Streaming.Silo;

/// <summary>What collects for the Orleans Dashboard in silos, and what asks for it in a client.</summary>
public static class DashboardHosting
{
    public static void AddStreamingDashboard(this ISiloBuilder silo, IConfiguration configuration)
    {
        var options = configuration.Read<DashboardOptions>(DashboardOptions.Section);
        if (!options.Enabled)
            return;

        var before = silo.Services.Count;
        silo.AddDashboard(dashboard => Configure(dashboard, options));
        RemoveCosts(silo.Services, before, options.Profiling);
    }

    public static void AddStreamingDashboard(this IClientBuilder client, IConfiguration configuration)
    {
        var options = configuration.Read<DashboardOptions>(DashboardOptions.Section);
        if (!options.Enabled)
            return;

        var before = client.Services.Count;
        client.AddDashboard(dashboard => Configure(dashboard, options));
        RemoveCosts(client.Services, before, options.Profiling);
    }

    private static void Configure(Orleans.Dashboard.DashboardOptions dashboard, DashboardOptions options)
    {
        dashboard.HideTrace = true;
        dashboard.CounterUpdateIntervalMs = options.UpdateSeconds * 1000;
    }

    /// <summary>
    /// Takes out what is paid whether anybody watches or not: the filter around every grain call, and the logger that
    /// would feed the log stream, which is hidden.
    /// </summary>
    private static void RemoveCosts(IServiceCollection services, int before, bool keepsFilter)
    {
        for (var i = services.Count - 1; i >= before; i--)
        {
            var type = services[i].ServiceType;
            if (type == typeof(ILoggerProvider) || (type == typeof(IIncomingGrainCallFilter) && !keepsFilter))
                services.RemoveAt(i);
        }
    }
}

namespace Streaming.Silo.Telemetry;

public static class TelemetryChecks
{
    /// <summary>The settings of telemetry, beside the addresses and ports that the program has for other things.</summary>
    public static void CheckTelemetry(this SettingsCheck settings, IConfiguration configuration, Listeners listeners)
    {
        var options = settings.Section<TelemetryOptions>(TelemetryOptions.Section);
        settings.Rule(() => TelemetrySettings.AddressOf(options));
        foreach (var error in TelemetrySettings.Errors(configuration))
            settings.Rule(() => throw new StartupException(error));

        // Its own port is what keeps it private.
        if (options.PrometheusPort != 0 && PortsOf(configuration, listeners).FirstOrDefault(port => port.Number == options.PrometheusPort) is { Setting: { } other })
            settings.Rule(() => throw new StartupException($"Telemetry:PrometheusPort {options.PrometheusPort} is a port of {other} too. Give it one of its own, say 9464, or leave it out."));
    }

    private static IEnumerable<(int Number, string Setting)> PortsOf(IConfiguration configuration, Listeners listeners) =>
    [
        .. listeners.Addresses.Where(address => !address.IsUnixPipe && !address.IsNamedPipe).Select(address => (address.Port, "ASPNETCORE_URLS")),
        .. ((string[])["Cluster:SiloPort", "Cluster:GatewayPort"]).Select(key => (int.TryParse(configuration[key], out var port) ? port : 0, key)),
    ];
}

namespace Streaming.Tests.Processes;

/// <summary>The front with a silo in its own process, on a data folder that the test gives it.</summary>
internal sealed class ServerProcess : ProgramProcess
{
    private ServerProcess(string folder, int port, (string Name, string Value)[] settings, string? command = null)
        : base("Streaming.WebFront", port, [("Storage__Path", folder), .. settings], command)
    {
    }

    /// <summary>Starts it and does not wait.</summary>
    public static ServerProcess Start(string folder, int port, params (string Name, string Value)[] settings) => new(folder, port, settings);

    /// <summary>Starts one of its commands.</summary>
    public static ServerProcess StartCommand(string command, string folder, int port, params (string Name, string Value)[] settings) => new(folder, port, settings, command);

    /// <summary>Starts it, and waits until it says that it is running.</summary>
    public static async Task<ServerProcess> StartReadyAsync(string folder, int port, params (string Name, string Value)[] settings)
    {
        var server = Start(folder, port, settings);
        await server.UntilReadyAsync();
        return server;
    }
}

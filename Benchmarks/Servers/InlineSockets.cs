namespace Streaming.Benchmarks.Servers;

/// <summary>
/// Lets the load generator's socket continuations run on the polling thread: fewer thread switches on the cores it
/// shares with the server. The runtime reads this once, before the first socket; nothing here may block in a continuation.
/// </summary>
internal static class InlineSockets
{
    public const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    public static void Enable() => Environment.SetEnvironmentVariable(Variable, "1");
}

using System.Globalization;
using System.Runtime.InteropServices;

namespace Streaming.Tests.MongoDouble;

internal static class Host
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["--port", var text] || !ushort.TryParse(text, CultureInfo.InvariantCulture, out var port))
        {
            await Console.Error.WriteLineAsync("Usage: Streaming.Tests.MongoDouble --port N   (0 takes a free one)");
            return 2;
        }

        var ended = new TaskCompletionSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await using var server = MongoDoubleServer.Start(port);
        Console.WriteLine($"MongoDouble (a test double, not MongoDB) listens on 127.0.0.1:{server.Port}");
        await ended.Task;
        return 0;

        void End(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.TrySetResult();
        }
    }
}

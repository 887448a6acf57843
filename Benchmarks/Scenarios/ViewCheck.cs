using Streaming.Benchmarks.Servers;

namespace Streaming.Benchmarks.Scenarios;

/// <summary>Holds the server to its word: every view it acknowledged was counted, and no other.</summary>
internal sealed class ViewCheck
{
    private readonly StreamingServer _server;
    private readonly string[] _ids;
    private readonly long _before;

    private ViewCheck(StreamingServer server, string[] ids, long before)
    {
        _server = server;
        _ids = ids;
        _before = before;
    }

    public static async Task<ViewCheck> BeginAsync(StreamingServer server, string[] ids, CancellationToken cancellationToken) =>
        new(server, ids, await server.Api.SumViewsAsync(ids, cancellationToken));

    public async Task<bool> EndAsync(PairedLoad load, CancellationToken cancellationToken)
    {
        var acknowledged = load.Acknowledged;
        var counted = await _server.Api.SumViewsAsync(_ids, cancellationToken) - _before;
        if (counted == acknowledged)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged = {counted:N0} counted");
            return true;
        }

        // A request whose answer never came may have been counted or not; both are honest.
        if (counted > acknowledged && counted <= acknowledged + load.Unanswered)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged <= {counted:N0} counted, {load.Unanswered:N0} unanswered");
            return true;
        }

        await Console.Error.WriteLineAsync($"FAILED: {acknowledged:N0} acknowledged, {counted:N0} counted, {load.Unanswered:N0} unanswered");
        await Console.Error.WriteLineAsync(_server.Process.Output);
        return false;
    }
}

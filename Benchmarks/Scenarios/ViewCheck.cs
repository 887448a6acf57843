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

    /// <param name="viewsPerRequest">Views that one acknowledged request carried.</param>
    public async Task<bool> EndAsync(PairedLoad load, int viewsPerRequest, CancellationToken cancellationToken)
    {
        var acknowledged = load.Acknowledged * viewsPerRequest;
        var unanswered = load.Unanswered * viewsPerRequest;
        var counted = await _server.Api.SumViewsAsync(_ids, cancellationToken) - _before;
        if (counted == acknowledged)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged = {counted:N0} counted");
            return true;
        }

        // A request whose answer never came may have been counted or not; both are honest.
        if (counted > acknowledged && counted <= acknowledged + unanswered)
        {
            Console.WriteLine($"checked: {acknowledged:N0} acknowledged <= {counted:N0} counted, {unanswered:N0} unanswered");
            return true;
        }

        await Console.Error.WriteLineAsync($"FAILED: {acknowledged:N0} acknowledged, {counted:N0} counted, {unanswered:N0} unanswered");
        await Console.Error.WriteLineAsync(_server.Process.Output);
        return false;
    }
}
